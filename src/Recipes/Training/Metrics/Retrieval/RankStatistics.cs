namespace Recipes.Training;

/// <summary>Where the right candidate stood, for each query.</summary>
/// <param name="Ranks">From 0: how many candidates were above the right one, or above the best of several right ones.</param>
/// <param name="Candidates">Among how many.</param>
public sealed record RankStatistics(IReadOnlyList<int> Ranks, int Candidates)
{
    /// <summary>Share of queries whose right candidate is among the first k, 0 to 1.</summary>
    /// <param name="k">At least 1.</param>
    public double Recall(int k) => (double)Ranks.Count(r => r < k) / Ranks.Count;

    /// <summary>Mean rank, from 1.</summary>
    public double Mean => Ranks.Average() + 1;

    /// <summary>Median rank, from 1; between two ranks the lower (open_clip rounds down).</summary>
    public double Median
    {
        get
        {
            var sorted = Ranks.Order().ToArray();
            return Math.Floor((sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2.0) + 1;
        }
    }

    /// <summary>What guessing gives for <see cref="Recall"/> where each query has one right candidate.</summary>
    public double Chance(int k) => Math.Min(1, (double)k / Candidates);
}
