using Recipes.Layers;
using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>The OpenLM language model; keys are those of open_lm's checkpoints.</summary>
/// <remarks>Token ids int64 <c>[B, T]</c>, logits <c>[B, T, V]</c>.</remarks>
public sealed class OpenLm : Decoder
{
    [ComponentName(Name = "tok_embeddings")]
    private readonly TokenTable _table;

    [ComponentName(Name = "layers")]
    private readonly ModuleList<OpenLmLayer> _layers;

    [ComponentName(Name = "norm")]
    private readonly LayerNorm _norm;

    [ComponentName(Name = "output")]
    private readonly Linear _output;

    /// <summary>
    /// Builds the network. Matrices start as normal values cut at three deviations of 1/√inputs; those that write into the
    /// residual stream shrink with depth, by √(2·(layer + 1)).
    /// </summary>
    public OpenLm(OpenLmSpec spec)
        : base(spec)
    {
        var initial = FreshWeights.TruncatedNormal(1 / Math.Sqrt(spec.Width));
        _table = new TokenTable(spec.Vocabulary, spec.Width, initial);
        _layers = new ModuleList<OpenLmLayer>([.. Enumerable.Range(0, spec.Layers).Select(i => new OpenLmLayer(spec, i))]);
        _norm = spec.Norm();
        _output = FreshWeights.Linear(spec.Width, spec.Vocabulary, false, initial);
        RegisterComponents();
    }

    /// <inheritdoc/>
    protected override Tensor Frequencies => _layers[0].Frequencies;

    /// <summary>160M: 162,435,840 parameters.</summary>
    public static OpenLmSpec M160() => Variant("openlm_160m", 768, 12, 12);

    /// <summary>410M: 411,665,408 parameters.</summary>
    public static OpenLmSpec M410() => Variant("openlm_410m", 1024, 24, 16);

    /// <summary>1B: 1,439,893,504 parameters.</summary>
    public static OpenLmSpec B1() => Variant("openlm_1b", 2048, 24, 16);

    /// <summary>3B: 2,796,096,000 parameters.</summary>
    public static OpenLmSpec B3() => Variant("openlm_3b", 2560, 32, 32);

    /// <summary>7B: 6,889,672,704 parameters.</summary>
    public static OpenLmSpec B7() => Variant("openlm_7b", 4096, 32, 32);

    /// <summary>A small one for laptop training (not in the paper): the paper's blocks at another width and depth.</summary>
    /// <param name="vocabulary">Number of token ids.</param>
    /// <param name="width">Width of the tokens; heads have 32 components.</param>
    /// <param name="layers">Number of layers.</param>
    public static OpenLmSpec Mini(int vocabulary, int width = 128, int layers = 4) =>
        Variant("openlm_mini", width, layers, Math.Max(1, width / 32)) with
        {
            Vocabulary = vocabulary,
        };

    /// <inheritdoc/>
    public override Tensor Logits(Tensor hidden) => _output.call(hidden);

    /// <inheritdoc/>
    protected override Tensor Lookup(Tensor ids) => _table.call(ids);

    /// <inheritdoc/>
    protected override Tensor Run(Tensor embeds, DecoderPass pass)
    {
        using var scope = NewDisposeScope();
        var x = embeds;
        foreach (var (i, layer) in _layers.Index())
        {
            using var before = ReferenceEquals(x, embeds) ? null : x;
            x = layer.call(x, pass with { Layer = i });
        }
        return _norm.call(x).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    internal override OnnxValue Lookup(OnnxGraph graph, OnnxValue ids) => graph.Call(_table, ids);

    /// <inheritdoc/>
    internal override OnnxValue Run(OnnxGraph graph, OnnxValue embeds, OnnxPass pass) =>
        graph.Call(_norm, _layers.Aggregate(embeds, (x, layer) => graph.In(layer, () => layer.ToOnnx(graph, x, pass))));

    /// <inheritdoc/>
    internal override OnnxValue Logits(OnnxGraph graph, OnnxValue hidden) => graph.Call(_output, hidden);

    // The inner width is 8/3 of the width, rounded down, then up to a multiple of 256.
    private static OpenLmSpec Variant(string name, int width, int layers, int heads) =>
        new()
        {
            Name = name,
            Width = width,
            Layers = layers,
            Heads = heads,
            Inner = (8 * width / 3 + 255) / 256 * 256,
            Vocabulary = 50_432,
            Context = 8192,
            RotaryBase = 100_000,
            NormEpsilon = 1e-5,
        };
}
