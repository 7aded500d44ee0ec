namespace Recipes.Reproductions;

/// <summary>Small statistics that claims use.</summary>
public static class Statistics
{
    /// <summary>Spearman's rank correlation: Pearson's, of ranks; equal values share their mean rank.</summary>
    /// <exception cref="ArgumentException">The lists differ in length or hold fewer than two values.</exception>
    public static double Spearman(IReadOnlyList<double> left, IReadOnlyList<double> right) =>
        left.Count == right.Count && left.Count >= 2
            ? Pearson(Ranks(left), Ranks(right))
            : throw new ArgumentException(
                $"expected two lists of one length of at least 2, found {left.Count} and {right.Count}",
                nameof(right)
            );

    private static double Pearson(double[] left, double[] right)
    {
        var (a, b) = (left.Average(), right.Average());
        var covariance = left.Zip(right, (x, y) => (x - a) * (y - b)).Sum();
        return covariance / Math.Sqrt(left.Sum(x => (x - a) * (x - a)) * right.Sum(y => (y - b) * (y - b)));
    }

    private static double[] Ranks(IReadOnlyList<double> values)
    {
        var ranks = new double[values.Count];
        foreach (var group in values.Select((v, i) => (v, i)).GroupBy(p => p.v))
        {
            var below = values.Count(v => v < group.Key);
            foreach (var (_, i) in group)
                ranks[i] = below + (group.Count() + 1) / 2.0;
        }
        return ranks;
    }
}
