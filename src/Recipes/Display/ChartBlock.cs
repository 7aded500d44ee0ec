using Plotly.NET;

namespace Recipes.Display;

/// <summary>
/// A chart. It shows a static picture at once and everywhere; where plotly.js is on the page (a report, or a notebook
/// after <see cref="InteractiveCharts"/>), it becomes interactive. Its data stand beside it as a table.
/// </summary>
[TypeFormatterSource(typeof(BlockFormatterSource))]
public sealed class ChartBlock : Block
{
    private readonly Plot _plot;

    internal ChartBlock(Plot plot) => _plot = plot;

    /// <summary>What is to be seen.</summary>
    public string Title => _plot.Title;

    /// <summary>The numbers behind the chart; of curves, where they start and end.</summary>
    public Table Data => _plot.Data();

    /// <summary>The Plotly.NET chart, to go on with.</summary>
    public GenericChart ToPlotly() => PlotlyFigure.From(_plot);

    /// <summary>The static picture: an SVG that follows the page's colour scheme.</summary>
    public string ToSvg() => SvgFigure.From(_plot);

    /// <inheritdoc/>
    public override string ToString() => _plot.Data().Caption(Title).ToString();

    /// <inheritdoc/>
    public override string ToMarkdown() => _plot.Data().Caption(Title).ToMarkdown();

    /// <inheritdoc/>
    protected internal override string Body() =>
        $"<figure class=\"chart\"><figcaption>{Escape.Html(Title)}</figcaption><div class=\"plot\" role=\"img\" aria-label=\"{Escape.Html(_plot.Summary())}\">{ToSvg()}</div>"
        + $"<script type=\"application/json\">{PlotlyFigure.Json(ToPlotly())}</script>"
        + $"<details><summary>Data</summary>{_plot.Data().Body()}</details></figure>";
}
