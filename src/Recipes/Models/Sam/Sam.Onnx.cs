using Recipes.Onnx;
using static TorchSharp.torch;

namespace Recipes.Models;

// Two graphs: the image encoder, and prompts to masks for one encoded image. Names are those of segment-anything's own export.
public sealed partial class Sam
{
    private static readonly OnnxDim PromptAxis = OnnxDim.Named("prompts");
    private static readonly OnnxDim PointAxis = OnnxDim.Named("points");

    /// <inheritdoc/>
    public IReadOnlyList<OnnxPart> OnnxParts(int? resolution = null)
    {
        long side = resolution ?? Spec.ImageSize;
        return
        [
            OnnxPart.Images((3, side, side), "image_embeddings", (graph, images) => graph.Call(_image, images), _image.call) with
            {
                Metadata = new Dictionary<string, string>(StringComparer.Ordinal)
                {
                    ["preprocessing"] = CanonicalJson.Of(SamPixels.Facts((int)side)).ToJsonString(),
                },
            },
            Mask(side / Spec.Patch),
        ];
    }

    private OnnxPart Mask(long side) =>
        new(
            "mask",
            new Dictionary<string, long>(StringComparer.Ordinal) { ["prompts"] = 1 },
            [
                OnnxInput.Floats("image_embeddings", 1, Spec.PromptWidth, side, side),
                new OnnxInput("point_coords", ScalarType.Float32, size => rand(size) * (side * Spec.Patch), PromptAxis, PointAxis, 2),
                new OnnxInput("point_labels", ScalarType.Int64, Labels, PromptAxis, PointAxis),
                OnnxInput.Floats("mask_input", PromptAxis, 1, 4 * side, 4 * side),
                new OnnxInput("has_mask_input", ScalarType.Float32, size => ones(size), 1),
            ],
            (graph, x) =>
            {
                var (height, width) = (side * Spec.Patch, side * Spec.Patch);
                var (sparse, dense) = graph.In(
                    _prompt,
                    () => (_prompt.Sparse(graph, x[1], x[2], height, width), _prompt.Dense(graph, x[3], x[4]))
                );
                using var scope = NewDisposeScope();
                var places = graph.Derived("places", _prompt.Positions(side, side));
                var (masks, ious) = graph.In(_decoder, () => _decoder.ToOnnx(graph, x[0], places, sparse, dense));
                return [("masks", masks), ("iou_predictions", ious)];
            },
            x => Decoded(x)
        );

    // The last two are a box's corners, the others points.
    private static Tensor Labels(long[] size)
    {
        var labels = ones(size, dtype: ScalarType.Int64);
        labels.narrow(1, size[1] - 2, 1).fill_(2);
        labels.narrow(1, size[1] - 1, 1).fill_(3);
        return labels;
    }

    // All four masks in torch, of prompts as the graph takes them.
    private List<Tensor> Decoded(IReadOnlyList<Tensor> x)
    {
        var points = x[1].shape[1] - 2;
        var prompts = new SamPromptTensors(
            points == 0 ? null : x[1].narrow(1, 0, points),
            points == 0 ? null : x[2].narrow(1, 0, points),
            x[1].narrow(1, points, 2).flatten(1),
            x[4].item<float>() == 0 ? null : x[3]
        );
        var (one, three) = (Decode(x[0], prompts, multimask: false), Decode(x[0], prompts));
        return [cat([one.Logits, three.Logits], 1), cat([one.Ious, three.Ious], 1)];
    }
}
