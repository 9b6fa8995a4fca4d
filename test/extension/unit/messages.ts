import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';
import { root } from '../../setup/paths.js';

/** A text in the sources: what it is, and where it stands. */
export interface Found {
  text: string;
  where: string;
}

interface Source {
  file: string;
  tree: ts.SourceFile;
}

function sourcesOf(folder: string): Source[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
    .map((file) => {
      const full = join(root, folder, file);
      const tree = ts.createSourceFile(full, readFileSync(full, 'utf8'), ts.ScriptTarget.Latest, true);
      return { file: relative(root, full), tree };
    });
}

/** Every text that is translated, out of the calls of `t`; a call with anything but a literal is named in `computed`. */
export function messagesIn(folders: readonly string[]): { messages: Found[]; computed: string[] } {
  const messages: Found[] = [];
  const computed: string[] = [];
  each(folders, (node, source) => {
    if (!isT(node)) return;
    const [first] = node.arguments;
    if (first && ts.isStringLiteralLike(first))
      messages.push({ text: first.text, where: place(source, node) });
    else computed.push(place(source, node));
  });
  return { messages, computed };
}

/** Texts that a person would read and that no call of `t` holds. */
export function untranslatedIn(folders: readonly string[]): Found[] {
  const found: Found[] = [];
  each(folders, (node, source) => {
    if (ts.isTaggedTemplateExpression(node) && node.tag.getText(source.tree) === 'html')
      for (const text of shownByMarkup(node.template)) found.push({ text, where: place(source, node) });
    if (ts.isStringLiteralLike(node) && looksLikeProse(node.text) && !isNoText(node, source))
      found.push({ text: node.text, where: place(source, node) });
  });
  return found;
}

function each(folders: readonly string[], see: (node: ts.Node, source: Source) => void): void {
  for (const source of folders.flatMap(sourcesOf)) {
    const visit = (node: ts.Node): void => {
      see(node, source);
      ts.forEachChild(node, visit);
    };
    visit(source.tree);
  }
}

function isT(node: ts.Node): node is ts.CallExpression {
  return ts.isCallExpression(node) && /^(t|l10n\.t|vscode\.l10n\.t)$/.test(node.expression.getText());
}

function place({ file, tree }: Source, node: ts.Node): string {
  return `${file}:${tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1}`;
}

/** Words in the markup itself, or in one of the attributes that are read out or shown. */
function shownByMarkup(template: ts.TemplateLiteral): string[] {
  const parts = ts.isNoSubstitutionTemplateLiteral(template)
    ? [template.text]
    : [template.head.text, ...template.templateSpans.map(({ literal }) => literal.text)];
  const markup = parts.join('\u0000');
  const attributes = [...markup.matchAll(/(?:aria-label|title|alt|placeholder)="([^"]*)"/g)].map(
    ([, text]) => text!,
  );
  const texts = markup.replace(/<!--.*?-->|<[^>]*>/gs, '\u0000').split('\u0000');
  return [...attributes, ...texts]
    .map((text) => text.trim())
    .filter((text) => /\p{L}{2,}/u.test(text) && !NAMES.has(text));
}

/** Names that are the same in every language. */
const NAMES = new Set(['CLIP', 'F(S)', 'AUC', 'ClipCov']);

function looksLikeProse(text: string): boolean {
  return /\p{L}{2,} \p{L}/u.test(text) || /^\p{Lu}\p{Ll}+(…|\.|$)/u.test(text);
}

/** What is no text for a person: defects, keys of the keyboard, queries, names of tags and of other things. */
function isNoText(node: ts.StringLiteralLike, { tree }: Source): boolean {
  for (let at: ts.Node = node; !ts.isSourceFile(at); at = at.parent) {
    if (isT(at) && at.arguments[0] === node) return true;
    if (ts.isNewExpression(at) && at.expression.getText(tree) === 'Error') return true;
    if (ts.isTaggedTemplateExpression(at) && at.tag.getText(tree) === 'css') return true;
    // Its words have been looked at as markup.
    if (ts.isTaggedTemplateExpression(at) && at.template === node) return true;
    if (ts.isTypeNode(at) || ts.isImportDeclaration(at) || ts.isCaseClause(at) || ts.isJsxAttribute(at))
      return true;
    if (
      ts.isCallExpression(at) &&
      /querySelector|\.error$|postMessage|FontFace/.test(at.expression.getText(tree))
    )
      return true;
    if (ts.isBinaryExpression(at) && at.operatorToken.kind === ts.SyntaxKind.EqualsEqualsEqualsToken)
      return true;
  }
  return false;
}
