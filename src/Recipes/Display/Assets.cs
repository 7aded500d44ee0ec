using System.Globalization;
using System.Text.RegularExpressions;

namespace Recipes.Display;

/// <summary>The files that reports are made of: our styles and script, and plotly.js as Plotly.NET carries it.</summary>
internal static partial class Assets
{
    private static readonly Lazy<string> _blocksCss = new(() => Breaks().Replace(Own("blocks.css"), ""));
    private static readonly Lazy<string> _cellCss = new(() => Rems().Replace(BlocksCss, Pixels));
    private static readonly Lazy<string> _reportCss = new(() => Own("report.css"));
    private static readonly Lazy<string> _chartsJs = new(() => Own("charts.js"));

    public static string BlocksCss => _blocksCss.Value;

    /// <summary>The blocks' style for a notebook cell, in pixels: what a rem is there is up to the notebook (10 px in the classic one).</summary>
    public static string CellCss => _cellCss.Value;

    public static string ReportCss => _reportCss.Value;

    public static string ChartsJs => _chartsJs.Value;

    /// <summary>plotly.js, 3.6 MB. Read when needed and not kept.</summary>
    public static byte[] PlotlyJs()
    {
        var assembly = typeof(Plotly.NET.Trace).Assembly;
        var name = Array.Find(
            assembly.GetManifestResourceNames(),
            n => n.Contains(".plotly-", StringComparison.Ordinal) && n.EndsWith(".min.js", StringComparison.Ordinal)
        );
        using var stream = name is null ? null : assembly.GetManifestResourceStream(name);
        if (stream is null)
            throw new InvalidOperationException("Plotly.NET no longer carries plotly.js.");
        var script = new byte[stream.Length];
        stream.ReadExactly(script);
        return script;
    }

    private static string Pixels(Match rem) =>
        (15 * double.Parse(rem.Groups["n"].ValueSpan, CultureInfo.InvariantCulture)).ToString("0.#", CultureInfo.InvariantCulture) + "px";

    // Every output of a notebook carries the style.
    [GeneratedRegex(@"/\*[\s\S]*?\*/|\n\s*", RegexOptions.None, 1000)]
    private static partial Regex Breaks();

    [GeneratedRegex(@"(?<n>[\d.]+)rem\b", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Rems();

    private static string Own(string file)
    {
        using var stream = typeof(Assets).Assembly.GetManifestResourceStream("Recipes.Display." + file)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
