import { type MakeOperations, crud, write } from "../operation.ts";

export default (async (gw) => {
  const values = { title: "t", content: "c", content_type: "blog" } as const;
  const make = async (status: "draft" | "review" | "approved" | "published") => {
    const steps = [gw.content.submit, gw.content.approve, gw.content.publish];
    let asset = await gw.content.create(values);
    while (asset.status !== status) asset = await steps.shift()!(asset.id);
    return asset;
  };
  const draft = await make("draft");
  const [sentBack, reviewed] = [await make("review"), await make("review")];
  const [approved, published] = [await make("approved"), await make("published")];
  return [
    ...(await crud(gw, {
      domain: "content",
      table: "content_assets",
      id: (await make("draft")).id,
      values,
      make: () => make("draft"),
    })),
    write("content.submit", (user) => user.content.submit(draft.id)),
    write("content.sendBack", (user) => user.content.sendBack(sentBack.id)),
    write("content.approve", (user) => user.content.approve(reviewed.id)),
    write("content.publish", (user) => user.content.publish(approved.id)),
    write("content.archive", (user) => user.content.archive(published.id)),
  ];
}) satisfies MakeOperations;
