using Plotly.NET;

namespace Recipes.Display;

/// <summary>
/// Any Plotly.NET chart. It is drawn where plotly.js is on the page, as a <see cref="ChartBlock"/> is; elsewhere it shows
/// what it holds as a table.
/// </summary>
/// <param name="chart">The chart.</param>
/// <param name="title">What is to be seen; may be empty.</param>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed class PlotlyBlock(GenericChart chart, string title = "") : Block
{
    /// <inheritdoc/>
    public override string ToString() => Traces().ToString();

    /// <inheritdoc/>
    public override string ToMarkdown() => Traces().ToMarkdown();

    /// <inheritdoc/>
    protected internal override string Body() => ChartBlock.Figure(title, $"<div>{Traces().Body()}</div>", chart, "");

    private Table Traces() =>
        Table
            .From(
                GenericChart.getTraces(chart),
                (Column.Text("Trace"), t => t.TryGetPropertyValue("name")?.Value.ToString()),
                (Column.Text("Type"), t => t.type)
            )
            .Caption(title.Length > 0 ? title : "A Plotly chart");
}
