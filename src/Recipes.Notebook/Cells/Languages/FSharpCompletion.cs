using FSharp.Compiler.CodeAnalysis;
using FSharp.Compiler.EditorServices;
using FSharp.Compiler.Interactive;
using FSharp.Compiler.Text;
using FSharp.Compiler.Tokenization;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;

namespace Recipes.Notebook.Cells.Languages;

/// <summary>Completion, hover and completeness of F# cells, from the interactive session's own checker.</summary>
internal sealed class FSharpCompletion(Shell.FsiEvaluationSession session)
{
    public Completions Complete(string code, int cursor)
    {
        var (line, column, text) = Place(code, cursor);
        var (parsed, checkedCode, _) = session.ParseAndCheckInteraction(code, null);
        var name = QuickParse.GetPartialLongNameEx(text, column - 1);
        var list = checkedCode.GetDeclarationListInfo(
            FSharpOption<FSharpParseFileResults>.Some(parsed),
            line,
            text,
            name,
            null,
            null,
            null
        );
        var typed = name.PartialIdent;
        Completion[] items =
        [
            .. list
                .Items.Where(i => i.NameInList.StartsWith(typed, StringComparison.OrdinalIgnoreCase))
                .Select(i => new Completion(i.NameInCode, Kind(i.Glyph)))
                .DistinctBy(i => i.Text),
        ];
        return new Completions(cursor - typed.Length, cursor, items);
    }

    public MimeBundle? Inspect(string code, int cursor)
    {
        var (line, column, text) = Place(code, cursor);
        var (_, checkedCode, _) = session.ParseAndCheckInteraction(code, null);
        var island = QuickParse.GetCompleteIdentifierIsland(false, text, Math.Min(column, Math.Max(0, text.Length - 1)));
        if (island is null)
            return null;
        var (name, end, _) = island.Value;
        var names = ListModule.OfSeq(name.Split('.'));
        var tip = checkedCode.GetToolTip(line, end, text, names, FSharpTokenTag.Identifier, null);
        var parts = tip.Item.OfType<ToolTipElement.Group>().SelectMany(g => g.elements).Select(Describe).Where(t => t.Length > 0);
        var shown = string.Join("\n\n", parts);
        return shown.Length > 0 ? MimeBundle.Text(shown) : null;
    }

    public Completeness IsComplete(string code)
    {
        if (code.TrimEnd().EndsWith(";;", StringComparison.Ordinal))
            return Completeness.Complete;
        var (parsed, _, _) = session.ParseAndCheckInteraction(FSharpSource.Prepare(code), null);
        var errors = parsed.Diagnostics.Where(d => d.Severity.IsError).ToArray();
        if (errors.Length == 0)
            return Completeness.Complete;
        var lastLine = code.TrimEnd().Count(c => c == '\n') + 1;
        return errors.Any(e => e.EndLine >= lastLine && Unfinished(e.Message)) ? Completeness.Incomplete : Completeness.Invalid;
    }

    private static bool Unfinished(string message) =>
        message.Contains("ncomplete", StringComparison.Ordinal)
        || message.Contains("nexpected end of input", StringComparison.Ordinal)
        || message.Contains("End of file", StringComparison.Ordinal)
        || message.Contains("Unmatched", StringComparison.Ordinal);

    private static string Describe(ToolTipElementData data)
    {
        var signature = string.Concat(data.MainDescription.Select(t => t.Text));
        var summary = data.XmlDoc is global::FSharp.Compiler.Symbols.FSharpXmlDoc.FromXmlText text
            ? "\n" + string.Join("\n", text.Item.UnprocessedLines.Select(l => l.Trim()))
            : "";
        return signature + summary;
    }

    // F# lines count from 1, columns from 0.
    private static (int Line, int Column, string Text) Place(string code, int cursor)
    {
        var before = code[..cursor];
        var line = before.Count(c => c == '\n');
        return (line + 1, cursor - (before.LastIndexOf('\n') + 1), code.Split('\n')[line].TrimEnd('\r'));
    }

    private static string Kind(FSharpGlyph glyph) =>
        glyph.Tag switch
        {
            FSharpGlyph.Tags.Method or FSharpGlyph.Tags.ExtensionMethod or FSharpGlyph.Tags.OverridenMethod => "function",
            FSharpGlyph.Tags.Class
            or FSharpGlyph.Tags.Struct
            or FSharpGlyph.Tags.Interface
            or FSharpGlyph.Tags.Enum
            or FSharpGlyph.Tags.Union
            or FSharpGlyph.Tags.Type
            or FSharpGlyph.Tags.Typedef
            or FSharpGlyph.Tags.Delegate => "class",
            FSharpGlyph.Tags.Module or FSharpGlyph.Tags.NameSpace => "module",
            FSharpGlyph.Tags.Property or FSharpGlyph.Tags.Field => "property",
            FSharpGlyph.Tags.Variable or FSharpGlyph.Tags.Constant => "instance",
            _ => "text",
        };
}
