namespace Recipes.Display;

/// <summary>Points of one kind in a chart: a curve, a cloud, or the bars of one colour.</summary>
public sealed record Series
{
    private Series(string name, double[] x, double[] y)
    {
        if (x.Length != y.Length)
            throw new RecipesException($"Series \"{name}\": {x.Length} x values and {y.Length} y values; both must be as many.");
        (Name, X, Y) = (name, x, y);
    }

    /// <summary>What the legend says.</summary>
    public string Name { get; }

    /// <summary>Places along the horizontal axis.</summary>
    public IReadOnlyList<double> X { get; }

    /// <summary>Values; the mean where there are several seeds. NaN leaves a gap.</summary>
    public IReadOnlyList<double> Y { get; }

    /// <summary>The least value at each place over the seeds, or empty.</summary>
    public IReadOnlyList<double> Low { get; private init; } = [];

    /// <summary>The greatest value at each place over the seeds, or empty.</summary>
    public IReadOnlyList<double> High { get; private init; } = [];

    /// <summary>A name for each point, or empty.</summary>
    public IReadOnlyList<string> Labels { get; private init; } = [];

    /// <summary>A curve of one run.</summary>
    public static Series Curve(string name, IEnumerable<double> x, IEnumerable<double> y) => new(name, [.. x], [.. y]);

    /// <summary>A curve over several seeds: the mean, and a band from the least to the greatest value.</summary>
    /// <param name="name">What the legend says.</param>
    /// <param name="x">Places, the same for every run.</param>
    /// <param name="runs">One sequence of values for each seed, each as long as <paramref name="x"/>.</param>
    /// <exception cref="RecipesException">No runs, or runs of other lengths.</exception>
    public static Series OverSeeds(string name, IEnumerable<double> x, IEnumerable<IEnumerable<double>> runs)
    {
        double[] places = [.. x];
        double[][] values = [.. runs.Select(r => r.ToArray())];
        if (values.Length == 0 || values.Any(r => r.Length != places.Length))
        {
            var found = values.Length == 0 ? "no runs" : string.Join(", ", values.Select(r => r.Length));
            throw new RecipesException($"Series \"{name}\": expected runs of {places.Length} values, found {found}.");
        }
        double[] Over(Func<IEnumerable<double>, double> f) => [.. places.Select((_, i) => f(values.Select(r => r[i])))];
        var mean = new Series(name, places, Over(v => v.Average()));
        return values.Length == 1 ? mean : mean with { Low = Over(v => v.Min()), High = Over(v => v.Max()) };
    }

    /// <summary>Points with names, for <see cref="Charts.Scatter"/>.</summary>
    public static Series Points(string name, IEnumerable<(string Label, double X, double Y)> points)
    {
        (string Label, double X, double Y)[] all = [.. points];
        return new Series(name, [.. all.Select(p => p.X)], [.. all.Select(p => p.Y)]) { Labels = [.. all.Select(p => p.Label)] };
    }

    /// <summary>One value for each category, for <see cref="Charts.Bars"/>.</summary>
    public static Series Bars(string name, IEnumerable<double> values)
    {
        double[] all = [.. values];
        return new Series(name, [.. Enumerable.Range(0, all.Length).Select(i => (double)i)], all);
    }

    /// <summary>With the least and greatest value at each place.</summary>
    /// <exception cref="RecipesException">Not as many as points.</exception>
    public Series Spread(IEnumerable<double> low, IEnumerable<double> high)
    {
        double[] l = [.. low],
            h = [.. high];
        return l.Length == X.Count && h.Length == X.Count
            ? this with
            {
                Low = l,
                High = h,
            }
            : throw new RecipesException($"Series \"{Name}\": {X.Count} points, but {l.Length} low and {h.Length} high values.");
    }

    internal bool HasSpread => Low.Count > 0;

    internal string SpreadText(int i) => HasSpread && Low[i] < High[i] ? $"{Numbers.Text(Low[i])} to {Numbers.Text(High[i])}" : "";
}
