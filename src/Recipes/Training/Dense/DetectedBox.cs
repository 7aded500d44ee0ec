using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Training;

/// <summary>A box that a network found, in pixels.</summary>
/// <param name="Label">Its class.</param>
/// <param name="Score">How sure, 0 to 1.</param>
/// <param name="Left">Its left side.</param>
/// <param name="Top">Its top.</param>
/// <param name="Right">Its right side.</param>
/// <param name="Bottom">Its bottom.</param>
public sealed record DetectedBox(int Label, double Score, double Left, double Top, double Right, double Bottom)
{
    private const int Sides = 4;

    /// <summary>The box as a prediction of COCO's metrics.</summary>
    public BoxGuess Guess => new(Label, Box, Score);

    /// <summary>The box as a true one of COCO's metrics.</summary>
    public BoxTruth Truth => new(Label, Box);

    private Box Box => new(Left, Top, Right - Left, Bottom - Top);

    /// <summary>The boxes in a prediction, the surest first: cells that are the surest of their class among their eight neighbours.</summary>
    /// <param name="predicted"><c>[B, classes + 4, h, w]</c>, as <c>BoxHead</c> gives it.</param>
    /// <param name="stride">Pixels of a cell.</param>
    /// <param name="least">The least score.</param>
    /// <param name="most">The most boxes of a picture.</param>
    /// <returns>The boxes of each picture.</returns>
    public static IReadOnlyList<IReadOnlyList<DetectedBox>> Decode(Tensor predicted, double stride, double least = 0.05, int most = 100)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var classes = predicted.shape[1] - Sides;
        var (rows, columns) = (predicted.shape[2], predicted.shape[3]);
        var scores = predicted.narrow(1, 0, classes).to(ScalarType.Float32).sigmoid();
        var peaks = scores * scores.eq(nn.functional.max_pool2d(scores, 3, 1, 1)).to(ScalarType.Float32);
        var (best, place) = peaks.flatten(1).topk((int)Math.Min(most, classes * rows * columns), 1);
        var sides = predicted.narrow(1, classes, Sides).to(ScalarType.Float32).exp().cpu().contiguous().data<float>().ToArray();
        var (sure, where) = (best.cpu().contiguous().data<float>().ToArray(), place.cpu().contiguous().data<long>().ToArray());
        var each = (int)best.shape[1];
        return [.. Enumerable.Range(0, (int)predicted.shape[0]).Select(Picture)];

        List<DetectedBox> Picture(int picture) =>
            [.. Enumerable.Range(picture * each, each).TakeWhile(i => sure[i] >= least).Select(i => Box(picture, i))];

        DetectedBox Box(int picture, int i)
        {
            var (label, cell) = (where[i] / (rows * columns), where[i] % (rows * columns));
            var (x, y) = ((cell % columns + 0.5) * stride, (cell / columns + 0.5) * stride);
            double Side(int s) => stride * sides[(picture * Sides + s) * rows * columns + cell];
            return new DetectedBox((int)label, sure[i], x - Side(0), y - Side(1), x + Side(2), y + Side(3));
        }
    }
}
