using System.Text;
using Plotly.NET;

namespace Recipes.Display;

/// <summary>
/// A chart. It shows a static picture at once and everywhere; where plotly.js is on the page (a report, our notebook
/// engine, another notebook after <see cref="InteractiveCharts"/>), it becomes interactive. Its data stand beside it as
/// a table.
/// </summary>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed class ChartBlock : Block
{
    internal const string Opening = "<figure class=\"chart\">";

    private readonly Plot _plot;

    internal ChartBlock(Plot plot) => _plot = plot;

    /// <summary>What is to be seen.</summary>
    public string Title => _plot.Title;

    /// <summary>The numbers behind the chart; of curves, where they start and end.</summary>
    public Table Data => _plot.Data();

    /// <summary>The ends of the vertical axis.</summary>
    internal double[] Range => _plot.YScale(0, 1).Range;

    /// <summary>The Plotly.NET chart, to go on with.</summary>
    public GenericChart ToPlotly() => PlotlyFigure.From(_plot);

    /// <summary>The static picture: an SVG file that follows the reader's colour scheme.</summary>
    public string ToSvg() => SvgFigure.From(_plot);

    /// <inheritdoc/>
    public override string ToString() => _plot.Data().Caption(Title).ToString();

    /// <inheritdoc/>
    public override string ToMarkdown() => _plot.Data().Caption(Title).ToMarkdown();

    /// <inheritdoc/>
    protected internal override string Body() =>
        Figure(
            Title,
            // An image, because notebooks that are not trusted keep those and drop inline drawings.
            $"<img src=\"data:image/svg+xml;base64,{Convert.ToBase64String(Encoding.UTF8.GetBytes(ToSvg()))}\" width=\"{SvgFigure.Width}\""
                + $" height=\"{SvgFigure.Height}\" alt=\"{Escape.Html(_plot.Summary())}\">",
            ToPlotly(),
            $"<details><summary>Data</summary>{_plot.Data().Body()}</details>"
        );

    // What charts.js looks for: the picture to replace, and beside it the figure as JSON.
    internal static string Figure(string title, string picture, GenericChart chart, string after) =>
        $"{Opening}<figcaption>{Escape.Html(title)}</figcaption><div class=\"plot\">{picture}</div>"
        + $"<script type=\"application/json\">{PlotlyFigure.Json(chart)}</script>{after}</figure>";
}
