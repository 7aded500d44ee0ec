namespace Recipes.Training;

/// <summary>How well scores order positives before negatives.</summary>
public static class Ranking
{
    /// <summary>
    /// Area under the ROC curve: the probability that a positive scores above a negative, ties count half. NaN without positives or without
    /// negatives.
    /// </summary>
    /// <param name="scores">Higher is more positive.</param>
    /// <param name="positives">Which are positive; as many.</param>
    public static double Auroc(IReadOnlyList<double> scores, IReadOnlyList<bool> positives)
    {
        var (below, pairs) = (0L, 0.0);
        foreach (var (ups, downs) in Groups(scores, positives).Reverse())
        {
            pairs += ups * (below + downs / 2.0);
            below += downs;
        }
        return pairs / ((double)below * positives.Count(p => p));
    }

    /// <summary>
    /// Average precision as a sum of steps, Σ (R_n − R_{n−1})·P_n (scikit-learn): without ties, the mean precision at the positives. NaN without
    /// positives.
    /// </summary>
    /// <inheritdoc cref="Auroc"/>
    public static double AveragePrecision(IReadOnlyList<double> scores, IReadOnlyList<bool> positives)
    {
        var (hits, seen, sum) = (0L, 0L, 0.0);
        foreach (var (ups, downs) in Groups(scores, positives))
        {
            hits += ups;
            seen += ups + downs;
            sum += ups * ((double)hits / seen);
        }
        return sum / hits;
    }

    // Positives and negatives of equal scores, the highest first.
    private static IEnumerable<(long Positives, long Negatives)> Groups(IReadOnlyList<double> scores, IReadOnlyList<bool> positives)
    {
        if (scores.Count != positives.Count)
            throw new RecipesException($"ranking: expected as many labels as scores, {scores.Count}, found {positives.Count}.");
        return scores
            .Zip(positives)
            .GroupBy(p => p.First, p => p.Second)
            .OrderByDescending(g => g.Key)
            .Select(g => ((long)g.Count(p => p), (long)g.Count(p => !p)));
    }
}
