using Recipes.Onnx;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Models;

// As an encoder: for dense heads, and of visible patches alone for masked autoencoding.
public sealed partial class PlainVit : IDenseBackbone
{
    /// <inheritdoc/>
    public int LayerCount => Spec.Layers;

    /// <inheritdoc/>
    public int LayerOf(string parameter) => TokenMaps.LayerOf(parameter, "blocks", Spec.Layers, "norm", "head");

    /// <inheritdoc/>
    public IReadOnlyList<FeatureMap> FeatureMaps(DenseTaps taps) => TokenMaps.Describe(Spec.Width, Spec.Patch, taps);

    /// <inheritdoc/>
    public IReadOnlyList<Tensor> Maps(Tensor input, DenseTaps taps = DenseTaps.Final)
    {
        using var scope = NewDisposeScope();
        var (patches, grid) = Embed(input);
        var maps = TokenMaps.Run(patches + TokenMaps.Positions(_positions, grid), _blocks, _norm, grid, taps);
        return [.. maps.Select(m => m.MoveToOuterDisposeScope())];
    }

    /// <inheritdoc/>
    public IReadOnlyList<OnnxValue> Maps(OnnxGraph graph, OnnxValue input, DenseTaps taps = DenseTaps.Final)
    {
        var map = graph.Call(_patches, input);
        var grid = (map.Size(2), map.Size(3));
        TokenMaps.Check(Spec.Name, [1, 3, input.Size(2), input.Size(3)], Spec.Patch);
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var positions =
            grid == (Side, Side)
                ? graph.Weight("pos_embed", _positions)
                : graph.Derived("pos_embed", TokenMaps.Positions(_positions, grid).clone());
        return TokenMaps.Run(graph, map.Flatten(2).Transpose(1, 2) + positions, _blocks, _norm, grid, taps);
    }

    /// <summary>The normalised tokens of some patches, which see each other alone.</summary>
    /// <param name="input">Images <c>[B, 3, H, W]</c>.</param>
    /// <param name="keep">Numbers of the patches, int64 <c>[B, K]</c>; null for all.</param>
    /// <returns><c>[B, K, D]</c>.</returns>
    public Tensor Encode(Tensor input, Tensor? keep = null)
    {
        using var scope = NewDisposeScope();
        var (patches, grid) = Embed(input);
        var tokens = patches + TokenMaps.Positions(_positions, grid);
        if (keep is not null)
            tokens = tokens.gather(1, keep.unsqueeze(-1).expand(-1, -1, Spec.Width));
        return _norm.call(_blocks.call(tokens)).MoveToOuterDisposeScope();
    }

    /// <summary>Lets the position table start as another; for a network that is not trained yet.</summary>
    /// <param name="table"><c>[1, T, D]</c>.</param>
    internal void StartPositions(Tensor table)
    {
        using var _ = no_grad();
        _positions.copy_(table);
    }

    private long Side => Spec.ImageSize / Spec.Patch;

    // Patches [B, T, D] without positions. Channels-last, some widths (24) take oneDNN's slow path backward.
    private (Tensor Patches, (long Rows, long Columns) Grid) Embed(Tensor input)
    {
        ImageInput.Check(input, Spec.Name);
        TokenMaps.Check(Spec.Name, input.shape, Spec.Patch);
        var map = _patches.call(input.contiguous());
        return (map.flatten(2).transpose(1, 2), (map.shape[2], map.shape[3]));
    }
}
