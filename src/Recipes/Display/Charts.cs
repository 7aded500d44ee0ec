namespace Recipes.Display;

/// <summary>Charts over plain data, all in one theme.</summary>
public static class Charts
{
    /// <summary>Curves, each with a band from the least to the greatest value where it has several seeds.</summary>
    /// <param name="title">What is to be seen.</param>
    /// <param name="xLabel">The horizontal axis with its unit, for example <c>epoch</c>.</param>
    /// <param name="yLabel">The vertical axis with its unit, for example <c>top-1 (%)</c>.</param>
    /// <param name="series">The curves (<see cref="Series.Curve"/>, <see cref="Series.OverSeeds"/>).</param>
    /// <param name="logY">A logarithmic vertical axis; values must be positive.</param>
    /// <param name="logX">A logarithmic horizontal axis; values must be positive.</param>
    public static ChartBlock Curves(
        string title,
        string xLabel,
        string yLabel,
        IEnumerable<Series> series,
        bool logY = false,
        bool logX = false
    ) => new(new Plot(PlotKind.Curves, title, xLabel, yLabel, [.. series]) { LogX = logX, LogY = logY });

    /// <summary>Points with names, for example latency against accuracy; a second series may hold the paper's values.</summary>
    /// <param name="title">What is to be seen.</param>
    /// <param name="xLabel">The horizontal axis with its unit.</param>
    /// <param name="yLabel">The vertical axis with its unit.</param>
    /// <param name="series">The points (<see cref="Series.Points"/>).</param>
    /// <param name="logX">A logarithmic horizontal axis; values must be positive.</param>
    /// <param name="logY">A logarithmic vertical axis; values must be positive.</param>
    public static ChartBlock Scatter(
        string title,
        string xLabel,
        string yLabel,
        IEnumerable<Series> series,
        bool logX = false,
        bool logY = false
    ) => new(new Plot(PlotKind.Points, title, xLabel, yLabel, [.. series]) { LogX = logX, LogY = logY });

    /// <summary>Bars in groups, for example before and after folding for each variant.</summary>
    /// <param name="title">What is to be seen.</param>
    /// <param name="yLabel">The vertical axis with its unit.</param>
    /// <param name="categories">The groups, left to right.</param>
    /// <param name="series">One value for each group (<see cref="Series.Bars"/>).</param>
    /// <exception cref="RecipesException">A series has more or fewer values than there are groups.</exception>
    /// <param name="stacked">Whether the values of a group stand on each other, parts of a whole, instead of side by side.</param>
    public static ChartBlock Bars(
        string title,
        string yLabel,
        IEnumerable<string> categories,
        IEnumerable<Series> series,
        bool stacked = false
    )
    {
        string[] groups = [.. categories];
        Series[] all = [.. series];
        RecipesException.ThrowIfAny(
            $"Chart \"{title}\" has {groups.Length} groups:",
            [.. all.Where(s => s.Y.Count != groups.Length).Select(s => $"{s.Name} has {s.Y.Count} values")]
        );
        return new(new Plot(PlotKind.Bars, title, "", yLabel, all) { Categories = groups, Stacked = stacked });
    }
}
