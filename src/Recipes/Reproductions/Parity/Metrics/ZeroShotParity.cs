using System.Text.Json;
using Recipes.Layers;
using Recipes.Models;
using Recipes.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Reproductions.Parity;

/// <summary>Zero-shot classification of CLIP_benchmark: class vectors, logits, accuracies, and average precision of several labels.</summary>
internal static class ZeroShotParity
{
    public static IEnumerable<ParityCheck> Compare(MetricCase c)
    {
        var (images, classes, dim, templates) = (c["images"], c["classes"], c["dim"], c["templates"]);
        var targets = c.Integers("target");
        double[] prompts = [.. c.Stream("prompt", classes * templates, dim).Select(u => 2 * u - 1)];
        var pictures = c.Stream("image", images, dim)
            .Select((u, i) => 2 * u - 1 + 0.8 * prompts[targets[i / dim] * templates * dim + i % dim]);
        var vectors = PairEncoderExtensions.ClassVectors(nn.functional.normalize(Rows(prompts, dim), dim: 1), templates);
        var logits = 100 * nn.functional.normalize(Rows(pictures, dim), dim: 1).matmul(vectors.t());
        yield return Values("classifier", c.Json.GetProperty("classifier"), vectors);
        yield return Values("logits_first", c.Json.GetProperty("logits_first"), logits[0]);
        var guesses = logits.argmax(1);
        yield return c.Equal("predicted", c.Integers("predicted"), [.. guesses.data<long>().Select(g => (int)g)]);
        var labels = tensor(targets.Select(t => (long)t).ToArray());
        var metrics = c.Json.GetProperty("metrics");
        yield return c.Close("acc1", TopK.Accuracy(logits, labels), metrics);
        yield return c.Close("acc5", TopK.Accuracy(logits, labels, 5), metrics);
        yield return c.Close("mean_per_class_recall", new ConfusionMatrix(classes).Add(guesses, labels).MeanPerClassRecall, metrics);
        var several = c.Stream("labels", images, classes).Select(u => u < 0.3).ToArray();
        double[] precisions = [.. Enumerable.Range(0, classes).Select(Precision)];
        foreach (var (expected, k) in c.Json.GetProperty("multilabel_average_precision").EnumerateArray().Select((e, k) => (e, k)))
            yield return c.Close($"average precision of class {k}", expected.GetDouble(), precisions[k]);
        yield return c.Close("multilabel_map", precisions.Average());

        double Precision(int k) =>
            Ranking.AveragePrecision(
                [.. logits[.., k].contiguous().data<float>().Select(v => (double)v)],
                [.. several.Where((_, i) => i % classes == k)]
            );

        // Vectors and logits are float32: as far as their rounding, 1e-6 of the largest.
        ParityCheck Values(string aspect, JsonElement expected, Tensor found)
        {
            double[] numbers = [.. Flat(expected)];
            float[] ours = [.. found.contiguous().data<float>()];
            if (numbers.Length != ours.Length)
                return ParityCheck.Equal(c.Title, $"{aspect} count", numbers.Length, ours.Length);
            var tolerance = 1e-6 * numbers.Max(Math.Abs);
            return numbers.Zip(ours, (e, f) => TensorParity.Close(c.Title, aspect, e, f, tolerance)).MaxBy(check => check.Worst)!;
        }
    }

    private static Tensor Rows(IEnumerable<double> values, int dim) => tensor(values.Select(v => (float)v).ToArray()).view(-1, dim);

    private static IEnumerable<double> Flat(JsonElement values) =>
        values.ValueKind == JsonValueKind.Array ? values.EnumerateArray().SelectMany(Flat) : [values.GetDouble()];
}
