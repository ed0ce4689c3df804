// Lays the look of the console into ../static, from where it is built into the
// program: the style sheet and icons of nhsuk-frontend as the package gives
// them, but for what would call another host, and our own few rules and script.
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const from = join(here, "node_modules/nhsuk-frontend/dist/nhsuk");
const to = join(here, "../static");

// fail ends the build: the package is not as this file knows it.
function fail(what) {
  console.error(`build.mjs: ${what}: look at what has changed in nhsuk-frontend, and mend build.mjs`);
  process.exit(1);
}

for (const name of readdirSync(to)) {
  if (name !== "README.md") rmSync(join(to, name), { recursive: true });
}
mkdirSync(join(to, "images"));

const version = JSON.parse(readFileSync(join(here, "node_modules/nhsuk-frontend/package.json"))).version;
let css = readFileSync(join(from, "nhsuk-frontend.min.css"), "utf8");
css = css
  .replace(/@font-face\{[^}]*\}/g, "") // Frutiger comes from assets.nhs.uk
  .replaceAll("Frutiger W01,", "") // the system's Arial stands in for it
  .replace(/\/\*# sourceMappingURL=.*?\*\//g, "")
  .replaceAll("url(/assets/images/", "url(images/"); // beside the style sheet, under the same version
if (/https?:\/\/(?!www\.w3\.org\/)/.test(css) || css.includes("@import")) fail("the style sheet calls another host");
const charset = '@charset "UTF-8";';
if (!css.startsWith(charset)) fail("the style sheet begins otherwise");
writeFileSync(join(to, "nhsuk.css"), `${charset}/*! nhsuk-frontend ${version}, (c) NHS England, MIT licence */${css.slice(charset.length)}`);

const used = new Set([...css.matchAll(/url\(images\/([a-z0-9-]+\.svg)\)/g)].map((m) => m[1]));
for (const name of [...used, "favicon.svg"]) cpSync(join(from, "assets/images", name), join(to, "images", name));

// The NHS logo stands in the package inside the template of the header alone.
const header = readFileSync(join(from, "components/header/template.njk"), "utf8");
const logo = header.match(/<svg class="nhsuk-header__logo"[^]*?<\/svg>/);
if (!logo) fail("the header has no logo");
writeFileSync(join(to, "logo.svg"), logo[0].replace(/\{\{.*?\}\}/g, "NHS").replace(/>\s+</g, "><"));

for (const name of ["console.css", "console.js"]) cpSync(join(here, name), join(to, name));
