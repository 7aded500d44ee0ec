using System.IO.Compression;
using System.Text.Json;

namespace Recipes.Display;

/// <summary>
/// plotly.js and the script that turns every static chart of the page into an interactive one, now and when it
/// appears. A page needs it once (1.5 MB; a second one does nothing); our notebook engine adds it to the first chart of
/// a session, in another notebook show one of these in a cell.
/// </summary>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed class InteractiveCharts : Block
{
    /// <inheritdoc/>
    public override string ToString() => "Charts of this page are interactive.\n";

    /// <inheritdoc/>
    public override string ToMarkdown() => "";

    /// <summary>Whether this HTML holds a chart that the script would draw.</summary>
    public static bool HasChart(string html) => html.Contains(ChartBlock.Opening, StringComparison.Ordinal);

    /// <summary>The script element alone.</summary>
    public string ToScript() => Body();

    /// <inheritdoc/>
    protected internal override string Body() =>
        $"<script>(function (dark, library) {{\n{Assets.ChartsJs}\n}})({DarkColours}, \"{Packed(Assets.PlotlyJs())}\");</script>";

    private static string DarkColours => Escape.Json(JsonSerializer.Serialize(Palette.Dark.ToDictionary()));

    // Stored notebooks hold it, so it is packed: 1.5 MB instead of 3.6.
    private static string Packed(byte[] library)
    {
        using var packed = new MemoryStream(1 << 21);
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            gzip.Write(library);
        return Convert.ToBase64String(packed.GetBuffer(), 0, (int)packed.Length);
    }
}
