namespace Recipes.Display;

/// <summary>
/// A piece of a report that shows itself anywhere: as HTML in a report or a notebook, as markdown, and as plain text
/// on a console. All text given to a block is data: it is escaped on the way out.
/// </summary>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public abstract class Block : IDisplay
{
    /// <summary>A self-contained HTML fragment with its own style, for notebook cells. It loads nothing.</summary>
    public string ToHtml() => $"<div class=\"recipes\"><style>{Assets.CellCss}</style>{Body()}</div>";

    /// <summary>The block as GitHub-flavoured markdown.</summary>
    public abstract string ToMarkdown();

    /// <summary>The whole block as aligned plain text.</summary>
    public abstract override string ToString();

    /// <summary>The HTML without the style, for a page that already has it (<see cref="HtmlReport"/>).</summary>
    protected internal abstract string Body();
}
