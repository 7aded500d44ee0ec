using Recipes.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Reproductions.Parity;

/// <summary>Scores of one class and of several (scikit-learn).</summary>
internal static class RankingParity
{
    public static IEnumerable<ParityCheck> Binary(MetricCase c)
    {
        bool[] positives = [.. c.Stream("label", c["n"]).Select(u => u < c.Number("prevalence"))];
        var ties = c["ties"];
        double[] scores =
        [
            .. c.Stream("score", c["n"])
                .Select((u, i) => u + (positives[i] ? 0.5 : 0))
                .Select(s => ties > 0 ? Math.Floor(s * ties) / ties : s),
        ];
        var found = BinaryResult.Of(scores, positives, c.Number("threshold"));
        yield return c.Equal("positives", found.Positives);
        yield return c.Close("auroc", found.Auroc);
        yield return c.Close("average_precision", found.AveragePrecision);
        yield return c.Close("f1", found.F1);
        yield return c.Close("precision", found.Precision);
        yield return c.Close("recall", found.Recall);
        yield return c.Close("balanced_accuracy", found.BalancedAccuracy);
        yield return c.Close("brier", found.Brier);
    }

    public static IEnumerable<ParityCheck> Multiclass(MetricCase c)
    {
        var (n, classes) = (c["n"], c["classes"]);
        int[] labels = [.. c.Stream("label", n).Select(u => (int)Math.Floor(classes * u))];
        var logits = c.Stream("logit", n, classes).Select((u, i) => 3 * (2 * u - 1) + (labels[i / classes] == i % classes ? 1.5 : 0));
        var probabilities = tensor(logits.ToArray()).view(n, classes).softmax(1);
        var found = MulticlassResult.Of([.. probabilities.data<double>().ToArray().Chunk(classes)], labels);
        var targets = tensor(labels.Select(l => (long)l).ToArray());
        var confusion = new ConfusionMatrix(classes).Add(probabilities.argmax(1), targets);
        yield return c.Close("auroc_ovr_macro", found.Auroc);
        yield return c.Close("auroc_ovr_weighted", found.WeightedAuroc);
        yield return c.Close("auroc_ovo_macro", found.AurocOneVersusOne);
        yield return c.Close("average_precision_macro", found.MeanAveragePrecision);
        yield return c.Close("average_precision_micro", found.MicroAveragePrecision);
        yield return c.Close("accuracy", found.Accuracy);
        yield return c.Close("top2_accuracy", TopK.Accuracy(probabilities, targets, 2));
        yield return c.Close("f1_macro", found.MacroF1);
        yield return c.Close("f1_macro", confusion.MacroF1);
        yield return c.Close("log_loss", found.LogLoss);
        var range = Enumerable.Range(0, classes).ToList();
        var expected = c.Json.GetProperty("confusion").EnumerateArray().SelectMany(row => row.EnumerateArray().Select(v => v.GetInt32()));
        yield return c.Equal("confusion", [.. expected], [.. range.SelectMany(l => range.Select(p => (int)confusion[l, p]))]);
    }
}
