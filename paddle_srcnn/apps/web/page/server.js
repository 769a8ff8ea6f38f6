// Requests to the server. All addresses are relative to the page's own, which holds its secret.

/** A refusal whose text the server has sent. */
export class Refusal extends Error {}

async function answer(path, settings) {
  const response = await fetch(path, { cache: "no-store", ...settings });
  const isJson = (response.headers.get("content-type") ?? "").startsWith("application/json");
  const content = isJson ? await response.json() : null;
  if (!response.ok) throw new Refusal(content?.error ?? `${response.status}`);
  return content;
}

const order = (path, content) => answer(path, { method: "POST", body: JSON.stringify(content) });

export const state = () => answer("state");
export const upload = (file) => answer(`pictures?name=${encodeURIComponent(file.name)}`, { method: "POST", body: file });
export const enlarge = (pictures, choices) => order("enlarge", { pictures, ...choices });
export const stop = (pictures) => order("stop", { pictures });
export const remove = (number) => answer(`pictures/${number}`, { method: "DELETE" });
export const end = () => answer("end", { method: "POST" });
export const view = (number) => answer(`pictures/${number}/view`);
export const closeView = () => answer("view", { method: "DELETE" });
export const resultAddress = (picture) => `pictures/${picture.number}/result?${picture.revision}`;
export const thumbnailAddress = (picture) => `pictures/${picture.number}/thumbnail.png`;
