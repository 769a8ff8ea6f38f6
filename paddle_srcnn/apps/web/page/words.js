// The texts of the page in both languages. The server's messages stay English, as the command prints them.

const en = {
  title: "Enlarge pictures",
  language: "中文",
  privacy: "Pictures stay on this machine. The program keeps nothing after it ends.",
  ended: "The program has ended. Start it again to enlarge more pictures.",
  dropTitle: "Drop pictures or folders here",
  dropText: "PNG, JPEG, TIFF, WebP, BMP, GIF, AVIF",
  choose: "Choose pictures",
  adding: ({ done, all }) => `Reading picture ${done} of ${all} …`,
  unreadable: ({ name }) => `${name} cannot be read: choose it again.`,
  tooLarge: ({ name, megabytes }) => `${name} is too large: a picture may have ${megabytes} MB.`,
  dismiss: ({ name }) => `Dismiss: ${name}`,
  orderLabel: "Enlarge",
  factor: "Factor",
  other: "Other",
  otherLabel: "Factor from 1 to 8",
  jpeg: "JPEG blocks",
  jpegAuto: "Automatic",
  jpegOn: "Remove",
  jpegOff: "Keep",
  noise: "Noise",
  noiseOff: "Keep",
  noiseLow: "Remove a little",
  noiseHigh: "Remove much",
  fast: "Fast (9-1-5)",
  quality: ({ quality }) => `JPEG of quality ${quality}`,
  choice: ({ parts }) => ` (${parts.join(", ")})`,
  enlarge: ({ count }) => (count === 1 ? "Enlarge 1 picture" : `Enlarge ${count} pictures`),
  nothing: "All pictures are enlarged",
  stopAll: "Stop",
  saveAll: "Save all as ZIP",
  overallLabel: "Progress of all pictures",
  overall: ({ done, all, left }) => `${done} of ${all} done · ${left}`,
  estimating: "estimating the time",
  left: ({ time }) => `about ${time} left`,
  seconds: ({ count }) => `${count} s`,
  minutes: ({ count }) => `${count} min`,
  hours: ({ hours, minutes }) => `${hours} h ${minutes} min`,
  picturesLabel: "Pictures",
  ready: "Ready",
  waiting: "Waiting",
  working: ({ percent }) => `Enlarging · ${percent} %`,
  done: ({ name }) => `Enlarged: ${name}`,
  compare: "Compare",
  compareLabel: ({ name }) => `Compare ${name} before and after`,
  save: "Save",
  saveLabel: ({ name }) => `Save ${name}`,
  stop: "Stop",
  stopLabel: ({ name }) => `Stop enlarging ${name}`,
  remove: "Remove",
  removeLabel: ({ name }) => `Remove ${name}`,
  end: "End the program",
  endQuestion: "End the program? Results that you have not saved will be lost.",
  before: "Before: bicubic",
  after: "After: SRCNN",
  zoom: "Zoom",
  zoomIn: "Zoom in",
  zoomOut: "Zoom out",
  fit: "Fit",
  close: "Close",
  split: "Border between before and after",
  stage: "Picture before and after. Arrow keys move it, plus and minus zoom.",
  keys: "Drag or arrow keys: move · wheel, pinch or + −: zoom · 0: fit · 1: 100 % · Esc: close",
};

const zh = {
  title: "放大图片",
  language: "English",
  privacy: "图片只保存在本机；程序结束后不保留任何内容。",
  ended: "程序已结束。如需继续放大图片，请重新启动程序。",
  dropTitle: "把图片或文件夹拖到这里",
  dropText: "PNG、JPEG、TIFF、WebP、BMP、GIF、AVIF",
  choose: "选择图片",
  adding: ({ done, all }) => `正在读取第 ${done} 张，共 ${all} 张……`,
  unreadable: ({ name }) => `无法读取 ${name}，请重新选择。`,
  tooLarge: ({ name, megabytes }) => `${name} 太大：每张图片不超过 ${megabytes} MB。`,
  dismiss: ({ name }) => `关闭提示：${name}`,
  orderLabel: "放大",
  factor: "倍数",
  other: "其他",
  otherLabel: "倍数，1 到 8",
  jpeg: "JPEG 块效应",
  jpegAuto: "自动",
  jpegOn: "去除",
  jpegOff: "不处理",
  noise: "噪声",
  noiseOff: "不处理",
  noiseLow: "轻度去除",
  noiseHigh: "强力去除",
  fast: "快速（9-1-5）",
  quality: ({ quality }) => `JPEG 质量 ${quality}`,
  choice: ({ parts }) => `（${parts.join("，")}）`,
  enlarge: ({ count }) => `放大 ${count} 张图片`,
  nothing: "图片已全部放大",
  stopAll: "停止",
  saveAll: "全部保存为 ZIP",
  overallLabel: "总进度",
  overall: ({ done, all, left }) => `已完成 ${done} / ${all} · ${left}`,
  estimating: "正在估计所需时间",
  left: ({ time }) => `还需约 ${time}`,
  seconds: ({ count }) => `${count} 秒`,
  minutes: ({ count }) => `${count} 分钟`,
  hours: ({ hours, minutes }) => `${hours} 小时 ${minutes} 分钟`,
  picturesLabel: "图片",
  ready: "待放大",
  waiting: "排队中",
  working: ({ percent }) => `正在放大 · ${percent}%`,
  done: ({ name }) => `已放大：${name}`,
  compare: "对比",
  compareLabel: ({ name }) => `对比 ${name} 放大前后`,
  save: "保存",
  saveLabel: ({ name }) => `保存 ${name}`,
  stop: "停止",
  stopLabel: ({ name }) => `停止放大 ${name}`,
  remove: "移除",
  removeLabel: ({ name }) => `移除 ${name}`,
  end: "结束程序",
  endQuestion: "结束程序？尚未保存的结果将会丢失。",
  before: "放大前：双三次插值",
  after: "放大后：SRCNN",
  zoom: "缩放",
  zoomIn: "放大显示",
  zoomOut: "缩小显示",
  fit: "全图",
  close: "关闭",
  split: "放大前后的分界线",
  stage: "放大前后的图片。方向键移动，加减号缩放。",
  keys: "拖动或方向键：移动 · 滚轮、双指或 + −：缩放 · 0：全图 · 1：100% · Esc：关闭",
};

const LANGUAGES = { en: { tag: "en", words: en }, zh: { tag: "zh-CN", words: zh } };
let current = LANGUAGES[location.hash.slice(1)] ? location.hash.slice(1) : navigator.language.startsWith("zh") ? "zh" : "en";

/** Return a text in the language of the page. */
export function text(key, values = {}) {
  const found = LANGUAGES[current].words[key];
  return typeof found === "function" ? found(values) : found;
}

/** Write the texts of all elements below one that name theirs. */
export function translate(root) {
  for (const element of root.querySelectorAll("[data-text]")) element.textContent = text(element.dataset.text);
  for (const element of root.querySelectorAll("[data-label]")) element.ariaLabel = text(element.dataset.label);
}

/** Write the whole page in its language. */
export function showLanguage() {
  document.documentElement.lang = LANGUAGES[current].tag;
  document.title = `${text("title")} · SRCNN`;
  translate(document);
  const button = document.getElementById("language");
  button.textContent = text("language");
  button.lang = LANGUAGES[current === "en" ? "zh" : "en"].tag;
}

/** Change to the other language; the address remembers it. */
export function switchLanguage() {
  current = current === "en" ? "zh" : "en";
  history.replaceState(null, "", `#${current}`);
  showLanguage();
}

/** Return a length of time in words. */
export function duration(seconds) {
  const rounded = Math.max(1, Math.ceil(seconds));
  if (rounded < 90) return text("seconds", { count: rounded });
  const minutes = Math.round(rounded / 60);
  if (minutes < 90) return text("minutes", { count: minutes });
  return text("hours", { hours: Math.floor(minutes / 60), minutes: minutes % 60 });
}
