using System.Globalization;
using System.Text.Json;
using Recipes.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Reproductions.Parity;

/// <summary>Segmentation: confusion, IoU and its means, pixel accuracy (semantic-segmentation-pytorch, LibMTL).</summary>
internal static class SegmentationParity
{
    public static IEnumerable<ParityCheck> Compare(MetricCase c)
    {
        var (classes, pixels) = (c["classes"], c["height"] * c["width"]);
        var (labels, predicted) = Maps(c);
        yield return ParityCheck.Equal(c.Title, "label_checksum", c.Json.GetProperty("label_checksum").GetString(), Checksum(labels));
        yield return ParityCheck.Equal(c.Title, "pred_checksum", c.Json.GetProperty("pred_checksum").GetString(), Checksum(predicted));
        Tensor Images(long[] map) => tensor(map).view(-1, pixels);
        var (truth, guesses) = (Images(labels), Images(predicted));
        ConfusionMatrix[] images =
        [
            .. Enumerable.Range(0, c["images"]).Select(i => new ConfusionMatrix(classes).Add(guesses[i], truth[i])),
        ];
        var all = images.Aggregate(new ConfusionMatrix(classes), (sum, image) => sum.Add(image));
        var range = Enumerable.Range(0, classes).ToList();
        yield return c.Equal("ignored_pixels", all.Ignored);
        var confusion = c.Json.GetProperty("confusion").EnumerateArray().SelectMany(row => row.EnumerateArray().Select(n => n.GetInt32()));
        yield return c.Equal("confusion", [.. confusion], [.. range.SelectMany(l => range.Select(p => (int)all[l, p]))]);
        yield return c.Equal("intersection", c.Integers("intersection"), [.. range.Select(k => (int)all.Hits(k))]);
        yield return c.Equal("union", c.Integers("union"), [.. range.Select(k => (int)all.Union(k))]);
        foreach (var (expected, k) in c.Json.GetProperty("iou").EnumerateArray().Select((e, k) => (e, k)))
            yield return c.Close(
                $"IoU of class {k}",
                expected.ValueKind == JsonValueKind.Null ? double.NaN : expected.GetDouble(),
                all.Iou(k) ?? double.NaN
            );
        yield return c.Close("miou_present_classes", all.MeanIou());
        yield return c.Close("miou_absent_as_zero", all.MeanIou(AbsentClass.Zero));
        var absent = range.Any(k => all.Union(k) == 0);
        yield return c.Close(
            "mIoU, absent not a number",
            absent ? double.NaN : c.Number("miou_present_classes"),
            all.MeanIou(AbsentClass.NotANumber)
        );
        yield return c.Close("pixel_accuracy", all.Accuracy);
        foreach (var (expected, i) in c.Json.GetProperty("pixel_accuracy_per_image").EnumerateArray().Select((e, i) => (e, i)))
            yield return c.Close($"pixel accuracy of image {i}", expected.GetDouble(), images[i].Accuracy);
    }

    // Blocks of 4 x 4 pixels, some pixels predicted otherwise, some ignored.
    private static (long[] Labels, long[] Predicted) Maps(MetricCase c)
    {
        var (images, height, width, live) = (c["images"], c["height"], c["width"], c["live"]);
        var blocks = c.Stream("label", images, height / 4, width / 4);
        var ignore = c.Stream("ignore", images, height, width);
        var wrong = c.Stream("wrong", images, height, width);
        var others = c.Stream("pred", images, height, width);
        long[] values =
        [
            .. Enumerable
                .Range(0, ignore.Length)
                .Select(i => (long)Math.Floor(live * blocks[(i / width / 4) * (width / 4) + i % width / 4])),
        ];
        return (
            [.. values.Select((v, i) => ignore[i] < 0.15 ? -1 : v)],
            [.. values.Select((v, i) => wrong[i] < c.Number("wrong") ? (long)Math.Floor(live * others[i]) : v)]
        );
    }

    private static string Checksum(long[] map) =>
        map.Aggregate(0xcbf29ce484222325UL, (hash, v) => unchecked((hash ^ (byte)v) * 0x100000001b3UL))
            .ToString("x16", CultureInfo.InvariantCulture);
}
