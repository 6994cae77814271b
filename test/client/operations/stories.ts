import { type MakeOperations, crud } from "../operation.ts";

export default (async (gw) => {
  const tell = () => gw.stories.create({ story_text: "Told" });
  return crud(gw, {
    domain: "stories",
    table: "stories",
    id: (await tell()).id,
    values: { story_text: "s" },
    make: tell,
  });
}) satisfies MakeOperations;
