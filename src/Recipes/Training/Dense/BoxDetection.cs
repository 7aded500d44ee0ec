using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Training;

/// <summary>
/// Boxes by their centres: the penalty-reduced focal loss of a heat map of each class (CenterNet, arXiv 1904.07850, eq. 1; α = 2, β = 4), summed and
/// divided by the number of boxes, plus −ln IoU at the centres (FCOS, arXiv 1904.01355), mean over boxes. Targets <c>[B, M, 5]</c> as
/// <see cref="DenseBatches"/> gives them.
/// </summary>
public sealed class BoxDetection : IObjective
{
    private const double Least = 0.05; // cells
    private const int Sides = 4;

    /// <summary>The only instance.</summary>
    public static BoxDetection Objective { get; } = new();

    private BoxDetection() { }

    /// <inheritdoc/>
    public string Name => "box detection";

    /// <inheritdoc/>
    public Tensor Loss(TrainState state) =>
        Of(DenseEvaluation.Network(state.Module, Name).call(state.Inputs), state.Targets, (double)state.Inputs.shape[2]);

    /// <summary>The loss of predictions.</summary>
    /// <param name="predicted"><c>[B, classes + 4, h, w]</c>.</param>
    /// <param name="boxes"><c>[B, M, 5]</c>: label, left, top, right, bottom in pixels; a label of −1 is no box.</param>
    /// <param name="height">Rows of the image in pixels.</param>
    public static Tensor Of(Tensor predicted, Tensor boxes, double height)
    {
        if (predicted.dim() != 4 || predicted.shape[1] <= Sides || boxes.dim() != 3 || boxes.shape[2] != 5)
            throw new RecipesException(
                $"box detection: expected predictions [B, classes + 4, h, w] and boxes [B, M, 5], found [{string.Join(", ", predicted.shape)}] and [{string.Join(", ", boxes.shape)}]. Give the network the head for boxes."
            );
        using var scope = NewDisposeScope();
        var (rows, columns, classes) = (predicted.shape[2], predicted.shape[3], predicted.shape[1] - Sides);
        var output = predicted.Wide();
        var label = boxes.select(2, 0).to(ScalarType.Int64); // [B, M]
        var valid = label.ge(0).to(output.dtype);
        var cells = boxes.narrow(2, 1, Sides) / (height / rows);
        var centre = (cells.narrow(2, 0, 2) + cells.narrow(2, 2, 2)) / 2; // [B, M, 2]
        var x = centre.select(2, 0).floor().clamp(0, columns - 1);
        var y = centre.select(2, 1).floor().clamp(0, rows - 1);

        var heat = Heat(label.clamp_min(0), valid, x, y, cells, rows, columns, classes);
        var logits = output.narrow(1, 0, classes);
        var (yes, no) = (nn.functional.logsigmoid(logits), nn.functional.logsigmoid(-logits));
        var found = logits.sigmoid();
        var peak = heat.eq(1).to(output.dtype);
        var focal = -(peak * (1 - found).square() * yes + (1 - peak) * (1 - heat).pow(4) * found.square() * no).sum();

        var place = (y * columns + x).to(ScalarType.Int64); // [B, M]
        var sides = output.narrow(1, classes, Sides).flatten(2).transpose(1, 2).gather(1, place.unsqueeze(-1).expand(-1, -1, Sides));
        var overlap = Overlap(sides.clamp(-6, 6).exp(), Distances(cells, x + 0.5, y + 0.5));
        var count = valid.sum().clamp_min(1);
        return ((focal - (overlap.log() * valid).sum()) / count).MoveToOuterDisposeScope();
    }

    /// <summary>Loss, and as COCO measures <c>ap</c>, over overlaps of 0.5 to 0.95, and <c>ap50</c>, at one half; means over classes, 0 to 1.</summary>
    public Evaluation Evaluate(nn.Module network, IBatchSource test, EvaluationOptions options, CancellationToken cancellation)
    {
        var model = DenseEvaluation.Network(network, Name);
        var (precision, loss, images) = (new BoxMeasure(), 0.0, 0L);
        var count = DenseEvaluation.Each(
            network,
            test,
            options,
            batch =>
            {
                var predicted = model.call(batch.Inputs);
                loss += batch.Inputs.shape[0] * Of(predicted, batch.Targets, batch.Inputs.shape[2]).item<float>();
                images += batch.Inputs.shape[0];
                var found = DetectedBox.Decode(predicted, (double)batch.Inputs.shape[2] / predicted.shape[2]);
                var truths = Truths(batch.Targets);
                for (var i = 0; i < found.Count; i++)
                    precision.Add([.. truths[i].Select(t => t.Truth)], [.. found[i].Select(f => f.Guess)]);
            },
            cancellation
        );
        var result = precision.Result();
        return DenseEvaluation.Of(count, loss / images, ("ap", result.Ap), ("ap50", result.Ap50));
    }

    /// <summary>Targets <c>[B, M, 5]</c> as boxes of each picture, with score 1.</summary>
    public static IReadOnlyList<IReadOnlyList<DetectedBox>> Truths(Tensor boxes)
    {
        using var flat = boxes.cpu().contiguous();
        var (values, most) = (flat.data<float>().ToArray(), (int)boxes.shape[1]);
        return
        [
            .. Enumerable
                .Range(0, (int)boxes.shape[0])
                .Select(b =>
                    (IReadOnlyList<DetectedBox>)
                        [
                            .. values
                                .Skip(b * most * 5)
                                .Take(most * 5)
                                .Chunk(5)
                                .Where(v => v[0] >= 0)
                                .Select(v => new DetectedBox((int)v[0], 1, v[1], v[2], v[3], v[4])),
                        ]
                ),
        ];
    }

    // 1 at the centres' cells and falling around them with the boxes' sides, [B, C, h, w].
    private static Tensor Heat(Tensor label, Tensor valid, Tensor x, Tensor y, Tensor cells, long rows, long columns, long classes)
    {
        var size = ((cells.narrow(2, 2, 2) - cells.narrow(2, 0, 2)) / 6).clamp_min(0.5); // [B, M, 2]
        var across = Bell(arange(columns, dtype: cells.dtype, device: cells.device), x, size.select(2, 0)).unsqueeze(2);
        var down = Bell(arange(rows, dtype: cells.dtype, device: cells.device), y, size.select(2, 1)).unsqueeze(3);
        var bells = down * across * valid.unsqueeze(-1).unsqueeze(-1); // [B, M, h, w]
        var of = nn.functional.one_hot(label, classes).to(cells.dtype); // [B, M, C]
        var heat = zeros([label.shape[0], classes, rows, columns], cells.dtype, cells.device);
        for (long m = 0; m < label.shape[1]; m++)
            heat = maximum(heat, of.select(1, m).unsqueeze(-1).unsqueeze(-1) * bells.narrow(1, m, 1));
        return heat;

        static Tensor Bell(Tensor places, Tensor middle, Tensor deviation) =>
            (-((places - middle.unsqueeze(-1)) / deviation.unsqueeze(-1)).square() / 2).exp();
    }

    // From a cell's middle to the sides, in cells: [B, M, 4].
    private static Tensor Distances(Tensor cells, Tensor x, Tensor y) =>
        stack([x - cells.select(2, 0), y - cells.select(2, 1), cells.select(2, 2) - x, cells.select(2, 3) - y], -1).clamp_min(Least);

    // Intersection over union of boxes around the same point, [B, M].
    private static Tensor Overlap(Tensor a, Tensor b)
    {
        var least = minimum(a, b);
        var shared = Area(least);
        return shared / (Area(a) + Area(b) - shared);

        static Tensor Area(Tensor s) => (s.select(2, 0) + s.select(2, 2)) * (s.select(2, 1) + s.select(2, 3));
    }
}
