namespace Recipes.Display;

/// <summary>The files that reports are made of: our styles and script, and plotly.js as Plotly.NET carries it.</summary>
internal static class Assets
{
    private static readonly Lazy<string> _blocksCss = new(() => Own("blocks.css"));
    private static readonly Lazy<string> _reportCss = new(() => Own("report.css"));
    private static readonly Lazy<string> _chartsJs = new(() => Own("charts.js"));

    public static string BlocksCss => _blocksCss.Value;

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

    private static string Own(string file)
    {
        using var stream = typeof(Assets).Assembly.GetManifestResourceStream("Recipes.Display." + file)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
