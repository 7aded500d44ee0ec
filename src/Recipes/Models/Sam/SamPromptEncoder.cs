using Recipes.Layers;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>SAM's prompt encoder (arXiv 2304.02643, app. A): points and boxes become tokens, masks a map.</summary>
/// <remarks>
/// Keys <c>pe_layer.positional_encoding_gaussian_matrix</c> (a buffer), <c>point_embeddings.0</c> to <c>.3</c> (beside the object, on it, top left
/// and bottom right corner), <c>not_a_point_embed</c>, <c>mask_downscaling.0</c> to <c>.6</c>, <c>no_mask_embed</c>.
/// </remarks>
public sealed partial class SamPromptEncoder : Module
{
    [ComponentName(Name = "pe_layer")]
    private readonly SamPositions _positions;

    [ComponentName(Name = "point_embeddings")]
    private readonly ModuleList<Embedding> _kinds;

    [ComponentName(Name = "not_a_point_embed")]
    private readonly Embedding _padding;

    [ComponentName(Name = "mask_downscaling")]
    private readonly Sequential _masks;

    [ComponentName(Name = "no_mask_embed")]
    private readonly Embedding _noMask;

    private readonly SamSpec _spec;

    internal SamPromptEncoder(SamSpec spec)
        : base(nameof(SamPromptEncoder))
    {
        _spec = spec;
        var width = spec.PromptWidth;
        _positions = new SamPositions(width);
        _kinds = new ModuleList<Embedding>([.. Enumerable.Range(0, 4).Select(_ => Embedding(1, width))]);
        _padding = Embedding(1, width);
        _masks = Modules.Numbered([
            Conv2d(1, 4, 2, 2),
            new ChannelLayerNorm(4, 1e-6),
            GELU(),
            Conv2d(4, 16, 2, 2),
            new ChannelLayerNorm(16, 1e-6),
            GELU(),
            new PointwiseConv(16, width, bias: true),
        ]);
        _noMask = Embedding(1, width);
        RegisterComponents();
    }

    /// <summary>The tokens of points and boxes.</summary>
    /// <param name="prompts">P prompts.</param>
    /// <param name="height">Rows of the input, in pixels.</param>
    /// <param name="width">Columns of the input, in pixels.</param>
    /// <returns><c>[P, S, C]</c>: the points, then one of padding where there are no boxes, or both corners of the box.</returns>
    public Tensor Sparse(SamPromptTensors prompts, long height, long width)
    {
        using var scope = NewDisposeScope();
        var kinds = _kinds[0].weight!;
        var parts = new List<Tensor>();
        if (prompts.Points is not null)
        {
            var (points, labels) = (prompts.Points, prompts.Labels!);
            if (prompts.Boxes is null)
            {
                points = cat([points, zeros_like(points.narrow(1, 0, 1))], 1);
                labels = cat([labels, full_like(labels.narrow(1, 0, 1), -1)], 1);
            }
            parts.Add(Points(Places(points, height, width), labels.unsqueeze(-1)));
        }
        if (prompts.Boxes is not null)
        {
            var corners = cat([_kinds[2].weight!, _kinds[3].weight!], 0); // [2, C]
            parts.Add(Places(prompts.Boxes.reshape(-1, 2, 2), height, width) + corners);
        }
        var tokens = parts.Count > 0 ? cat(parts, 1) : zeros([prompts.Count, 0, kinds.shape[1]], kinds.dtype, kinds.device);
        return tokens.MoveToOuterDisposeScope();
    }

    /// <summary>The map of masks, or the embedding that says that there is none.</summary>
    /// <param name="prompts">P prompts.</param>
    /// <param name="height">h, rows of the image's map.</param>
    /// <param name="width">w, its columns.</param>
    /// <returns><c>[P, C, h, w]</c>.</returns>
    public Tensor Dense(SamPromptTensors prompts, long height, long width) =>
        prompts.Masks is { } masks ? _masks.call(masks) : _noMask.weight!.reshape(1, -1, 1, 1).expand(prompts.Count, -1, height, width);

    /// <summary>The places of the map's patches: <c>[1, C, h, w]</c>.</summary>
    public Tensor Positions(long height, long width) => _positions.Grid(height, width);

    /// <summary>Refuses what does not fit.</summary>
    /// <exception cref="RecipesException">The prompts do not fit each other, or the map.</exception>
    internal void Check(SamPromptTensors prompts, long height, long width) => prompts.Check(_spec.Name, height, width);

    // Padding has no place, only its own embedding.
    private Tensor Points(Tensor places, Tensor labels)
    {
        using var scope = NewDisposeScope();
        var tokens = where(labels.eq(-1), _padding.weight!, places);
        tokens = where(labels.eq(0), tokens + _kinds[0].weight!, tokens);
        return where(labels.eq(1), tokens + _kinds[1].weight!, tokens).MoveToOuterDisposeScope();
    }

    // Pixel (0, 0) has its middle half a pixel from the corner.
    private Tensor Places(Tensor pixels, long height, long width)
    {
        using var scope = NewDisposeScope();
        var size = tensor(new float[] { width, height }, device: pixels.device);
        return _positions.Of((pixels.to(ScalarType.Float32) + 0.5) / size).MoveToOuterDisposeScope();
    }
}
