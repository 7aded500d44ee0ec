using Recipes.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Reproductions.Parity;

/// <summary>Depth errors (DenseDepth, LibMTL), image by image.</summary>
internal static class DepthParity
{
    public static IEnumerable<ParityCheck> Compare(MetricCase c)
    {
        long[] shape = [c["images"], c["height"], c["width"]];
        double[] truth = [.. c.Stream("gt", shape).Select(u => 0.5 + 9.5 * u)];
        double[] predicted = [.. c.Stream("pred", shape).Select((u, i) => truth[i] * Math.Exp(c.Number("spread") * (2 * u - 1)))];
        double[] holed = [.. c.Stream("hole", shape).Select((u, i) => u < 0.1 ? 0 : truth[i])];
        var (p, t) = (tensor(predicted).view(shape), tensor(holed).view(shape));
        var measure = new DepthMeasure();
        for (var i = 0; i < shape[0]; i++)
            measure.Add(p[i], t[i]);
        var found = measure.Result();
        yield return c.Equal("valid", found.Pixels);
        yield return c.Close("delta1", found.Delta1);
        yield return c.Close("delta2", found.Delta2);
        yield return c.Close("delta3", found.Delta3);
        yield return c.Close("abs_rel", found.Relative);
        yield return c.Close("rmse", found.Rmse);
        yield return c.Close("log10", found.Log10);
        yield return c.Close("abs_err", found.Absolute);
    }
}
