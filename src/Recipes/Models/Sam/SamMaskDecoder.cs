using Recipes.Layers;
using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>SAM's mask decoder (arXiv 2304.02643, app. A): four masks of each prompt and how good they are.</summary>
/// <remarks>
/// Keys <c>transformer</c>, <c>iou_token</c>, <c>mask_tokens</c>, <c>output_upscaling.0</c> to <c>.3</c>, <c>output_hypernetworks_mlps.0</c> to <c>.3</c>,
/// <c>iou_prediction_head</c>.
/// </remarks>
public sealed class SamMaskDecoder : Module
{
    /// <summary>The mask for prompts that are not ambiguous, and three for those that are: whole, part, part of a part.</summary>
    internal const int Masks = 4;

    [ComponentName(Name = "transformer")]
    private readonly SamTwoWay _transformer;

    [ComponentName(Name = "iou_token")]
    private readonly Embedding _quality;

    [ComponentName(Name = "mask_tokens")]
    private readonly Embedding _masks;

    [ComponentName(Name = "output_upscaling")]
    private readonly Sequential _upscaling;

    [ComponentName(Name = "output_hypernetworks_mlps")]
    private readonly ModuleList<SamPerceptron> _kernels;

    [ComponentName(Name = "iou_prediction_head")]
    private readonly SamPerceptron _head;

    internal SamMaskDecoder(SamSpec spec)
        : base(nameof(SamMaskDecoder))
    {
        var width = spec.PromptWidth;
        _transformer = new SamTwoWay(spec);
        (_quality, _masks) = (Embedding(1, width), Embedding(Masks, width));
        _upscaling = Modules.Numbered([
            ConvTranspose2d(width, width / 4, 2, 2),
            new ChannelLayerNorm(width / 4, 1e-6),
            GELU(),
            ConvTranspose2d(width / 4, width / 8, 2, 2),
            GELU(),
        ]);
        _kernels = new ModuleList<SamPerceptron>([.. Enumerable.Range(0, Masks).Select(_ => new SamPerceptron(width, width / 8))]);
        _head = new SamPerceptron(width, Masks);
        RegisterComponents();
    }

    /// <summary>All four masks of each prompt for one image, and their predicted IoUs, in ONNX: <c>[P, 4, 4h, 4w]</c> and <c>[P, 4]</c>.</summary>
    internal (OnnxValue Logits, OnnxValue Ious) ToOnnx(
        OnnxGraph graph,
        OnnxValue image,
        OnnxValue positions,
        OnnxValue sparse,
        OnnxValue dense
    )
    {
        var (prompts, channels, height, width) = (sparse.Shape[0], image.Size(1), image.Size(2), image.Size(3));
        var output = graph.Concat(
            0,
            graph.Weight("iou_token.weight", _quality.weight!),
            graph.Weight("mask_tokens.weight", _masks.weight!)
        );
        var tokens = graph.Concat(1, output.Unsqueeze(0).Expand(prompts, Masks + 1, channels), sparse); // [P, 5 + S, C]
        var each = (image + dense).Flatten(2).Transpose(1, 2); // [P, h·w, C]
        var places = positions.Flatten(2).Transpose(1, 2);
        var (mixed, seen) = graph.In(_transformer, () => _transformer.ToOnnx(graph, tokens, each, places));
        var map = graph.Call(_upscaling, seen.Transpose(1, 2).Reshape(prompts, channels, height, width)); // [P, C/8, 4h, 4w]
        var kernels = _kernels.Select((kernel, i) => graph.Call(kernel, mixed.Select(1, 1 + i)).Unsqueeze(1)).ToArray();
        var logits = graph.Concat(1, kernels).MatMul(map.Flatten(2)).Reshape(prompts, Masks, 4 * height, 4 * width);
        return (logits, graph.Call(_head, mixed.Select(1, 0)));
    }

    /// <summary>The masks of prompts, at four pixels a side of each patch.</summary>
    /// <param name="image">Image embeddings, <c>[B, C, h, w]</c>; P is a multiple of B, and the prompts of an image follow each other.</param>
    /// <param name="positions">The places of the patches, <c>[1, C, h, w]</c>.</param>
    /// <param name="sparse">Tokens of the prompts, <c>[P, S, C]</c>.</param>
    /// <param name="dense">Maps of the prompts, <c>[P, C, h, w]</c>.</param>
    /// <param name="multimask">Three masks, for prompts that mean several things, or one.</param>
    /// <returns>Logits <c>[P, M, 4h, 4w]</c> and predicted IoUs <c>[P, M]</c>; M is 3 or 1.</returns>
    public (Tensor Logits, Tensor Ious) Decode(Tensor image, Tensor positions, Tensor sparse, Tensor dense, bool multimask)
    {
        using var scope = NewDisposeScope();
        var (prompts, channels, height, width) = (sparse.shape[0], image.shape[1], image.shape[2], image.shape[3]);
        var output = cat([_quality.weight!, _masks.weight!], 0).expand(prompts, Masks + 1, channels);
        var tokens = cat([output, sparse], 1); // [P, 5 + S, C]
        var each = image.repeat_interleave(prompts / image.shape[0], 0) + dense;
        var pass = _transformer.call(
            new SamPass(tokens, each.flatten(2).transpose(1, 2), tokens, positions.flatten(2).transpose(1, 2).expand(prompts, -1, -1))
        );
        var map = _upscaling.call(pass.Image.transpose(1, 2).reshape(prompts, channels, height, width)); // [P, C/8, 4h, 4w]
        var (first, count) = multimask ? (1, Masks - 1) : (0, 1);
        var kernels = Enumerable.Range(first, count).Select(i => _kernels[i].call(pass.Tokens.select(1, 1 + i))).ToList();
        var logits = stack(kernels, 1).matmul(map.flatten(2)).reshape(prompts, count, 4 * height, 4 * width);
        var ious = _head.call(pass.Tokens.select(1, 0)).narrow(1, first, count);
        return (logits.MoveToOuterDisposeScope(), ious.MoveToOuterDisposeScope());
    }
}
