using Recipes.Onnx;
using static TorchSharp.torch;

namespace Recipes.Models;

// As an encoder for dense heads; the class token takes part and is dropped in the end.
public sealed partial class MobileClipVit : IDenseBackbone
{
    private const int Patch = 16;

    /// <inheritdoc/>
    public int LayerCount => 12;

    /// <inheritdoc/>
    public int LayerOf(string parameter) => TokenMaps.LayerOf(parameter, "transformer", 12, "post_transformer_norm", "classifier");

    /// <inheritdoc/>
    public IReadOnlyList<FeatureMap> FeatureMaps(DenseTaps taps) => TokenMaps.Describe(Width, Patch, taps);

    /// <inheritdoc/>
    public IReadOnlyList<Tensor> Maps(Tensor input, DenseTaps taps = DenseTaps.Final)
    {
        ImageInput.Check(input, Spec.Name);
        TokenMaps.Check(Spec.Name, input.shape, Patch);
        using var scope = NewDisposeScope();
        var map = _stem.call(input);
        var grid = (map.shape[2], map.shape[3]);
        var patches = map.flatten(2).transpose(1, 2) + _positions.Grid(grid);
        var tokens = cat([_class.expand(input.shape[0], 1, Width), patches], 1);
        return [.. TokenMaps.Run(tokens, _layers, _norm, grid, taps, extra: 1).Select(m => m.MoveToOuterDisposeScope())];
    }

    /// <inheritdoc/>
    public IReadOnlyList<OnnxValue> Maps(OnnxGraph graph, OnnxValue input, DenseTaps taps = DenseTaps.Final)
    {
        TokenMaps.Check(Spec.Name, [1, 3, input.Size(2), input.Size(3)], Patch);
        var map = graph.Call(_stem, input);
        var grid = (map.Size(2), map.Size(3));
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var patches = map.Flatten(2).Transpose(1, 2) + graph.Derived("pos_embed", _positions.Grid(grid).clone());
        var tokens = graph.Concat(1, graph.Weight("cls_token", _class).Expand(input.Shape[0], 1, Width), patches);
        return TokenMaps.Run(graph, tokens, _layers, _norm, grid, taps, extra: 1);
    }
}
