namespace Recipes.Training;

/// <summary>
/// Average precision and recall of boxes as COCO defines them (cocoapi, COCOeval with its defaults): greedy matching at IoU 0.5 to 0.95, 101
/// points of recall, three sizes, at most 1, 10 and 100 guesses of an image. Images are added one by one, in the order that decides between equal
/// scores; only scores and matches are kept.
/// </summary>
public sealed class BoxMeasure
{
    private static readonly int[] Limits = [1, 10, BoxMatches.Most];
    private readonly SortedDictionary<int, List<BoxMatches>[]> _matches = [];

    /// <summary>Adds an image.</summary>
    /// <param name="truths">What is there; may be empty.</param>
    /// <param name="guesses">What was found; may be empty.</param>
    /// <returns>This.</returns>
    public BoxMeasure Add(IReadOnlyList<BoxTruth> truths, IReadOnlyList<BoxGuess> guesses)
    {
        foreach (var category in truths.Select(t => t.Category).Union(guesses.Select(g => g.Category)))
        {
            if (!_matches.TryGetValue(category, out var sizes))
                _matches[category] = sizes = [.. BoxSize.Each.Select(_ => new List<BoxMatches>())];
            var there = truths.Where(t => t.Category == category).ToList();
            var found = guesses.Where(g => g.Category == category).ToList();
            foreach (var (size, list) in BoxSize.Each.Zip(sizes))
                list.Add(BoxMatches.Of(there, found, size));
        }
        return this;
    }

    /// <summary>The numbers of everything added so far.</summary>
    public BoxResult Result()
    {
        var all = _matches.Select(c => (c.Key, Precision: Precisions(c.Value[0]))).ToList();
        return new BoxResult
        {
            Ap = Mean(0, Precisions),
            Ap50 = Mean(0, m => Precisions(m) is { Count: > 0 } p ? [p[0]] : []),
            Ap75 = Mean(0, m => Precisions(m) is { Count: > 0 } p ? [p[5]] : []),
            ApSmall = Mean(1, Precisions),
            ApMedium = Mean(2, Precisions),
            ApLarge = Mean(3, Precisions),
            Ar1 = Mean(0, m => Recalls(m, Limits[0])),
            Ar10 = Mean(0, m => Recalls(m, Limits[1])),
            Ar100 = Mean(0, m => Recalls(m, Limits[2])),
            ArSmall = Mean(1, m => Recalls(m, Limits[2])),
            ArMedium = Mean(2, m => Recalls(m, Limits[2])),
            ArLarge = Mean(3, m => Recalls(m, Limits[2])),
            ByCategory = [.. all.Select(c => new BoxCategory(c.Key, c.Precision))],
        };
    }

    // Over the categories that have truths of this size, and the IoU thresholds.
    private double Mean(int size, Func<List<BoxMatches>, IReadOnlyList<double>> numbers) =>
        _matches.Values.SelectMany(c => numbers(c[size])).DefaultIfEmpty(double.NaN).Average();

    private static IReadOnlyList<double> Precisions(List<BoxMatches> images) =>
        Curves(images, BoxMatches.Most, (right, wrong, truths) => AtRecalls(right, wrong, truths));

    private static IReadOnlyList<double> Recalls(List<BoxMatches> images, int most) =>
        Curves(images, most, (right, _, truths) => right.Count > 0 ? (double)right[^1] / truths : 0);

    // For each threshold a number of how many guesses are right and wrong up to each guess; none where no truth counts.
    private static IReadOnlyList<double> Curves(List<BoxMatches> images, int most, Func<List<long>, List<long>, long, double> number)
    {
        var truths = images.Sum(i => (long)i.Truths);
        if (truths == 0)
            return [];
        var order = images
            .SelectMany(i => i.Scores.Take(most).Select((score, at) => (Image: i, At: at, Score: score)))
            .OrderByDescending(g => g.Score)
            .ToList();
        return [.. BoxMatches.Thresholds.Select((_, t) => Number(t))];

        double Number(int threshold)
        {
            var (right, wrong) = (new List<long>(order.Count), new List<long>(order.Count));
            var (hits, misses) = (0L, 0L);
            foreach (var (image, at, _) in order)
            {
                if (!image.Ignored[threshold][at])
                    _ = image.Right[threshold][at] ? hits++ : misses++;
                right.Add(hits);
                wrong.Add(misses);
            }
            return number(right, wrong, truths);
        }
    }

    // The mean over recalls 0, 0.01 … 1 of the greatest precision at that recall or a higher one; 0 where recall does not get there.
    private static double AtRecalls(List<long> right, List<long> wrong, long truths)
    {
        var envelope = new double[right.Count];
        for (var i = right.Count - 1; i >= 0; i--)
        {
            var precision = right[i] + wrong[i] > 0 ? (double)right[i] / (right[i] + wrong[i]) : 0;
            envelope[i] = i + 1 < right.Count ? Math.Max(precision, envelope[i + 1]) : precision;
        }
        var (sum, at) = (0.0, 0);
        for (var r = 0; r <= 100; r++)
        {
            while (at < right.Count && (double)right[at] / truths < (r == 100 ? 1 : r * 0.01))
                at++;
            sum += at < right.Count ? envelope[at] : 0;
        }
        return sum / 101;
    }
}
