using System.Text.RegularExpressions;

namespace Recipes.Display;

/// <summary>A few sentences. Blank lines part paragraphs, `backticks` mark code; all else stands as written.</summary>
[TypeFormatterSource(typeof(BlockFormatterSource))]
public sealed partial class Prose(string text) : Block
{
    /// <inheritdoc/>
    public override string ToMarkdown() => text.Replace("<", "&lt;") + "\n";

    /// <inheritdoc/>
    public override string ToString() => text + "\n";

    /// <inheritdoc/>
    protected internal override string Body() =>
        string.Concat(BlankLines().Split(text.Trim()).Select(p => $"<p>{Code().Replace(Escape.Html(p), "<code>${code}</code>")}</p>"));

    [GeneratedRegex(@"\r?\n\s*\r?\n", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex BlankLines();

    [GeneratedRegex("`(?<code>[^`]+)`", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Code();
}
