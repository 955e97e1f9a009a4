// Parses the PowerShell script on stdin by tree-sitter's grammar, and names what it
// does not understand: no package here has PowerShell itself.
const fs = require("fs");
const path = require("path");
const { Parser, Language } = require("@vscode/tree-sitter-wasm/wasm/tree-sitter.js");

const faults = [];

function walk(node) {
  if (node.isError || node.isMissing) {
    const { row, column } = node.startPosition;
    faults.push(`${row + 1}:${column + 1}: ${node.isMissing ? "missing " + node.type : "unexpected " + node.text.slice(0, 40)}`);
  }
  node.children.forEach(walk);
}

async function main() {
  await Parser.init();
  const parser = new Parser();
  const grammars = path.dirname(require.resolve("@vscode/tree-sitter-wasm/wasm/tree-sitter.js"));
  parser.setLanguage(await Language.load(path.join(grammars, "tree-sitter-powershell.wasm")));
  walk(parser.parse(fs.readFileSync(0, "utf8")).rootNode);
  faults.forEach((fault) => console.error(fault));
  process.exit(faults.length > 0 ? 1 : 0);
}

main();
