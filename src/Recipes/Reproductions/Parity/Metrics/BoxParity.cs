using System.Text.Json;
using Recipes.Training;

namespace Recipes.Reproductions.Parity;

/// <summary>COCO's numbers of boxes (pycocotools).</summary>
internal static class BoxParity
{
    public static IEnumerable<ParityCheck> Compare(MetricCase c)
    {
        var truths = Rows(c, "ground_truth")
            .ToLookup(r => (int)r[0], r => new BoxTruth((int)r[1], new Box(r[2], r[3], r[4], r[5]), r[6], r[7] != 0));
        var guesses = Rows(c, "detections").ToLookup(r => (int)r[0], r => new BoxGuess((int)r[1], new Box(r[2], r[3], r[4], r[5]), r[6]));
        var measure = new BoxMeasure();
        foreach (var image in Enumerable.Range(1, c["images"]))
            measure.Add([.. truths[image]], [.. guesses[image]]);
        var found = measure.Result();
        (string Name, double Value)[] numbers =
        [
            ("AP", found.Ap),
            ("AP50", found.Ap50),
            ("AP75", found.Ap75),
            ("AP_small", found.ApSmall),
            ("AP_medium", found.ApMedium),
            ("AP_large", found.ApLarge),
            ("AR_1", found.Ar1),
            ("AR_10", found.Ar10),
            ("AR_100", found.Ar100),
            ("AR_small", found.ArSmall),
            ("AR_medium", found.ArMedium),
            ("AR_large", found.ArLarge),
        ];
        foreach (var (name, value) in numbers)
            yield return c.Close(name, double.IsNaN(value) ? -1 : value, c.Json.GetProperty("stats"));
        var expected = c.Json.GetProperty("ap_per_category_and_iou").EnumerateArray().ToList();
        yield return ParityCheck.Equal(c.Title, "categories", expected.Count, found.ByCategory.Count);
        foreach (var (row, category) in expected.Zip(found.ByCategory))
        {
            foreach (var (value, t) in row.EnumerateArray().Select((v, t) => (v.GetDouble(), t)))
                yield return c.Close($"AP of category {category.Category}, IoU {0.5 + 0.05 * t:0.00}", value, category.ApByIou[t]);
        }
    }

    private static IEnumerable<double[]> Rows(MetricCase c, string field) =>
        c.Json.GetProperty(field).EnumerateArray().Select(row => row.EnumerateArray().Select(n => n.GetDouble()).ToArray());
}
