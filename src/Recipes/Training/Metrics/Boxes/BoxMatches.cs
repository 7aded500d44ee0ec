namespace Recipes.Training;

/// <summary>The guesses of one image, category and range of sizes, matched with what is there, as COCO matches: the surest guess first.</summary>
/// <param name="Scores">Of the guesses, the highest first, at most <see cref="Most"/>.</param>
/// <param name="Right">For each IoU threshold, whether each guess has a match that counts.</param>
/// <param name="Ignored">For each IoU threshold, whether each guess does not count.</param>
/// <param name="Truths">Boxes that are there and count.</param>
internal sealed record BoxMatches(double[] Scores, bool[][] Right, bool[][] Ignored, int Truths)
{
    /// <summary>Guesses of an image that are looked at.</summary>
    public const int Most = 100;

    /// <summary>0.5 to 0.95, as NumPy computes them.</summary>
    public static IReadOnlyList<double> Thresholds { get; } =
    [.. Enumerable.Range(0, 10).Select(i => i == 9 ? 0.95 : i * ((0.95 - 0.5) / 9) + 0.5)];

    /// <summary>Matches.</summary>
    /// <param name="truths">Of one category.</param>
    /// <param name="guesses">Of the same category.</param>
    /// <param name="size">Truths outside of it do not count, nor do guesses outside of it that match nothing.</param>
    public static BoxMatches Of(IEnumerable<BoxTruth> truths, IEnumerable<BoxGuess> guesses, BoxSize size)
    {
        var there = truths.Select(t => (Truth: t, Counts: !t.Crowd && size.Has(t.Pixels))).OrderBy(t => t.Counts ? 0 : 1).ToArray();
        var found = guesses.OrderByDescending(g => g.Score).Take(Most).ToArray();
        var ious = found.Select(g => there.Select(t => g.Box.Iou(t.Truth.Box, t.Truth.Crowd)).ToArray()).ToArray();
        var (right, ignored) = (new bool[Thresholds.Count][], new bool[Thresholds.Count][]);
        for (var t = 0; t < Thresholds.Count; t++)
        {
            var (taken, least) = (new bool[there.Length], Math.Min(Thresholds[t], 1 - 1e-10));
            (right[t], ignored[t]) = (new bool[found.Length], new bool[found.Length]);
            for (var g = 0; g < found.Length; g++)
            {
                var match = Match(ious[g], least, taken);
                if (match >= 0)
                    taken[match] = true;
                ignored[t][g] = match >= 0 ? !there[match].Counts : !size.Has(found[g].Box.Area);
                right[t][g] = match >= 0 && there[match].Counts;
            }
        }
        return new BoxMatches([.. found.Select(g => g.Score)], right, ignored, there.Count(t => t.Counts));

        // The free truth with the greatest IoU of at least the threshold; one that does not count only where none that counts fits. Of equal ones the last.
        int Match(double[] iou, double least, bool[] taken)
        {
            var match = -1;
            for (var i = 0; i < there.Length; i++)
            {
                if (taken[i] && !there[i].Truth.Crowd)
                    continue;
                if (match >= 0 && there[match].Counts && !there[i].Counts)
                    break;
                if (iou[i] >= least)
                    (match, least) = (i, iou[i]);
            }
            return match;
        }
    }
}

/// <summary>A range of object sizes, in pixels.</summary>
internal readonly record struct BoxSize(double Least, double Greatest)
{
    /// <summary>All, small, medium, large.</summary>
    public static IReadOnlyList<BoxSize> Each { get; } = [new(0, 1e10), new(0, 32 * 32), new(32 * 32, 96 * 96), new(96 * 96, 1e10)];

    /// <summary>Both ends belong to it, as in COCO.</summary>
    public bool Has(double pixels) => pixels >= Least && pixels <= Greatest;
}
