/** The model of the tests: one unit costs one millionth of a dollar. */
export const model = "millionths";

export interface Claimed {
  id: string;
  user_id: string;
  campaign_id: string | null;
  retry_count: number;
  max_cost: number;
  lease_token: string;
}

export interface Usage {
  model: string;
  kind: "input" | "output";
  quantity: number;
  request_id: string;
}

export interface Result {
  job_id: string;
  lease_token: string;
  outcome: "completed" | "failed" | "released";
  output_data?: object;
  assets?: object[];
  usage?: Usage[];
  error_message?: string;
  retryable?: boolean;
}

export interface Answer {
  claimed: Claimed[];
  refused: { job_id: string; code: string }[];
  picked: number;
}

/** The result of a worker that has completed its job: one asset and two entries. */
export function completed({ id, lease_token, retry_count }: Claimed, millionths = 450): Result {
  const part = Math.floor(millionths / 3);
  const request_id = `${id}/${retry_count}/${lease_token}`;
  return {
    job_id: id,
    lease_token,
    outcome: "completed",
    output_data: { attempt: retry_count },
    assets: [{ title: "Sun", content: `It shines (${lease_token}).`, content_type: "blog" }],
    usage: [
      { model, kind: "input", quantity: part, request_id },
      { model, kind: "output", quantity: millionths - part, request_id },
    ],
  };
}

/** Makes a result whose only usage costs this many millionths. */
export const spending = (
  { id, lease_token }: Claimed,
  millionths: number,
  outcome: Result["outcome"] = "completed",
): Result => ({
  job_id: id,
  lease_token,
  outcome,
  usage: millionths > 0 ? [{ model, kind: "output", quantity: millionths, request_id: crypto.randomUUID() }] : [],
});
