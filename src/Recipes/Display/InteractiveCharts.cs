using System.Text.Json;

namespace Recipes.Display;

/// <summary>
/// plotly.js and the script that turns every static chart of the page into an interactive one, now and when it
/// appears. A report holds it once; in a notebook, show one of these in a cell (3.6 MB in the notebook's file).
/// </summary>
[TypeFormatterSource(typeof(BlockFormatterSource))]
public sealed class InteractiveCharts : Block
{
    /// <inheritdoc/>
    public override string ToString() => "Charts of this page are interactive.\n";

    /// <inheritdoc/>
    public override string ToMarkdown() => "";

    // The names that module loaders of notebook pages define are hidden, so that the library is found on the window.
    /// <inheritdoc/>
    protected internal override string Body() =>
        $"<script>(function (define, module, exports) {{\n{Assets.PlotlyJs()}\n}})();</script>\n<script>(function (dark) {{\n{Assets.ChartsJs}\n}})({DarkColours});</script>";

    private static string DarkColours => Escape.Json(JsonSerializer.Serialize(Palette.Dark.ToDictionary()));
}
