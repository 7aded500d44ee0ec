using System.Text;

namespace Recipes.Display;

/// <summary>A key number.</summary>
/// <param name="Label">What it is.</param>
/// <param name="Value">A number, or text where a number alone does not say it.</param>
/// <param name="Unit">Its unit; may be empty.</param>
/// <param name="Note">A few words below it, such as the paper's value; may be empty.</param>
public sealed record Figure(string Label, object Value, string Unit = "", string Note = "")
{
    internal string Text => Numbers.Text(Value, "");
}

/// <summary>The few numbers that a reader should take away.</summary>
[TypeFormatterSource(typeof(BlockFormatterSource))]
public sealed class Figures(params Figure[] figures) : Block
{
    /// <inheritdoc/>
    public override string ToString() => AsTable().ToString();

    /// <inheritdoc/>
    public override string ToMarkdown() => AsTable().ToMarkdown();

    /// <inheritdoc/>
    protected internal override string Body()
    {
        var html = new StringBuilder("<dl class=\"figures\">");
        foreach (var f in figures)
        {
            var unit = f.Unit.Length > 0 ? $" <span class=\"unit\">{Escape.Html(f.Unit)}</span>" : "";
            var note = f.Note.Length > 0 ? $"<dd class=\"note\">{Escape.Html(f.Note)}</dd>" : "";
            html.Append($"<div><dt>{Escape.Html(f.Label)}</dt><dd>{Escape.Html(f.Text)}{unit}</dd>{note}</div>");
        }
        return html.Append("</dl>").ToString();
    }

    private Table AsTable() =>
        Table.From(
            figures,
            (Column.Text("Figure"), f => f.Label),
            (Column.Number("Value"), f => f.Text),
            (Column.Text("Unit"), f => f.Unit),
            (Column.Text("Note"), f => f.Note)
        );
}
