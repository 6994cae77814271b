import { type MakeOperations, crud, read, write } from "../operation.ts";

export default (async (gw) => {
  const circle = await gw.circles.create({ circle_name: "Garden" });
  const thought = await gw.thoughts.capture("Water the pear tree");
  return [
    ...(await crud(gw, {
      domain: "circles",
      table: "circles",
      id: circle.id,
      values: { circle_name: "c" },
      make: () => gw.circles.create({ circle_name: "Gone" }),
    })),
    write("circles.gather", (user) => user.circles.gather(circle.id, [thought.id])),
    // The scores decrease with time, so only the titles are compared.
    read("circles.discover", async (user) => (await user.circles.discover()).map(({ title }) => title).toSorted()),
  ];
}) satisfies MakeOperations;
