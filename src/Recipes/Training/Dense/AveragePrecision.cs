namespace Recipes.Training;

// Average precision at one overlap: of each class the area under its curve of precision over recall, whose precision never rises.
internal sealed class AveragePrecision(int classes, double overlap = 0.5)
{
    private readonly List<(double Score, bool Right)>[] _found = [.. Enumerable.Range(0, classes).Select(_ => new List<(double, bool)>())];
    private readonly int[] _truths = new int[classes];

    /// <summary>The mean over the classes that occur; NaN where none does.</summary>
    public double Mean => Enumerable.Range(0, classes).Where(c => _truths[c] > 0).Select(Of).DefaultIfEmpty(double.NaN).Average();

    /// <summary>Counts one picture: each box found, the surest first, takes the truth of its class that it overlaps most, if that is free and enough.</summary>
    public void Add(IReadOnlyList<DetectedBox> found, IReadOnlyList<DetectedBox> truths)
    {
        var taken = new bool[truths.Count];
        foreach (var truth in truths)
            _truths[truth.Label]++;
        foreach (var box in found.OrderByDescending(b => b.Score))
        {
            var best = Enumerable
                .Range(0, truths.Count)
                .Where(i => truths[i].Label == box.Label)
                .Select(i => (Place: i, Overlap: truths[i].Iou(box)))
                .DefaultIfEmpty((Place: -1, Overlap: 0))
                .MaxBy(m => m.Overlap);
            var right = best.Overlap >= overlap && !taken[best.Place];
            if (right)
                taken[best.Place] = true;
            _found[box.Label].Add((box.Score, right));
        }
    }

    private double Of(int label)
    {
        var (right, points) = (0, new List<(double Recall, double Precision)>());
        foreach (var (i, hit) in _found[label].OrderByDescending(f => f.Score).Select((f, i) => (i, f.Right)))
        {
            right += hit ? 1 : 0;
            points.Add(((double)right / _truths[label], (double)right / (i + 1)));
        }
        var (area, best, recall) = (0.0, 0.0, points.Count > 0 ? points[^1].Recall : 0);
        for (var i = points.Count - 1; i >= 0; i--)
        {
            best = Math.Max(best, points[i].Precision);
            var before = i > 0 ? points[i - 1].Recall : 0;
            area += (recall - before) * best;
            recall = before;
        }
        return area;
    }
}
