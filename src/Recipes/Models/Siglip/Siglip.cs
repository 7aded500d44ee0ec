using Recipes.Layers;
using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>SigLIP's image encoder; keys are timm's, under which open_clip's checkpoints hold it behind <c>visual.trunk.</c>.</summary>
/// <remarks>
/// Input <c>[B, 3, R, R]</c>, output features <c>[B, D]</c>. No class token; the patches' convolution drops what does not fill a patch; GELU is
/// exact, as in timm.
/// </remarks>
public sealed class Siglip : Module<Tensor, Tensor>, IRebuildable, ISpecified, ITokenEncoder, IOnnxLayer
{
    [ComponentName(Name = "pos_embed")]
    private readonly Parameter _positions;

    [ComponentName(Name = "patch_embed")]
    private readonly PatchEmbedding _patches;

    [ComponentName(Name = "blocks")]
    private readonly Module<Tensor, Tensor> _blocks;

    [ComponentName(Name = "norm")]
    private readonly LayerNorm _norm;

    [ComponentName(Name = "attn_pool")]
    private readonly AttentionPool _pool;

    /// <summary>Builds the network.</summary>
    public Siglip(SiglipSpec spec)
        : base(spec.Name)
    {
        Spec = spec;
        var side = spec.ImageSize / spec.Patch;
        _positions = Parameters.Normal(Math.Pow(spec.Width, -0.5), 1, side * side, spec.Width);
        _patches = new PatchEmbedding(spec.Width, spec.Patch);
        _blocks = Modules.Numbered(Enumerable.Range(0, spec.Layers).Select(_ => new SiglipBlock(spec)));
        _norm = LayerNorm(spec.Width, 1e-6);
        _pool = new AttentionPool(spec);
        RegisterComponents();
    }

    /// <summary>What the network was built from.</summary>
    public SiglipSpec Spec { get; }

    ModelSpec ISpecified.Spec => Spec;

    int ITokenEncoder.TokenWidth => Spec.Width;

    /// <inheritdoc/>
    public IReadOnlyList<long> Probe => [2, 3, Spec.ImageSize, Spec.ImageSize];

    /// <summary>SO400M/14 at 384 pixels: 428 M parameters.</summary>
    public static SiglipSpec So400M() => new() { Name = "siglip_so400m_14_384", Classes = 1152 };

    /// <summary>The features of the patches, normalised by the last norm: <c>[B, T, D]</c>.</summary>
    public Tensor Tokens(Tensor input)
    {
        ImageInput.Check(input, Spec.Name);
        using var scope = NewDisposeScope();
        var patches = _patches.call(input); // [B, T, D]
        if (patches.shape[1] != _positions.shape[1])
            throw ImageInput.Patches(Spec.Name, input.shape, patches.shape[1], _positions.shape[1]);
        return _norm.call(_blocks.call(patches + _positions)).MoveToOuterDisposeScope();
    }

    /// <summary>One vector of the tokens, by attention: <c>[B, T, D]</c> to <c>[B, D]</c>.</summary>
    public Tensor Pool(Tensor tokens) => _pool.call(tokens);

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var tokens = Tokens(input);
        return Pool(tokens);
    }

    /// <inheritdoc/>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue input)
    {
        var patches = graph.Call(_patches, input); // [B, T, D]
        if (patches.Size(1) != _positions.shape[1])
            throw ImageInput.Patches(Spec.Name, input.Shape, patches.Size(1), _positions.shape[1]);
        var tokens = graph.Call(_norm, graph.Call(_blocks, patches + graph.Weight("pos_embed", _positions)));
        return graph.Call(_pool, tokens);
    }

    /// <inheritdoc/>
    public Module Rebuild() => new Siglip(Spec);

    private sealed class PatchEmbedding : Module<Tensor, Tensor>, IOnnxLayer
    {
        [ComponentName(Name = "proj")]
        private readonly Conv2d _proj;

        public PatchEmbedding(long width, long patch)
            : base(nameof(PatchEmbedding))
        {
            _proj = Conv2d(3, width, patch, patch);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            return _proj.call(input).flatten(2).transpose(1, 2).MoveToOuterDisposeScope();
        }

        /// <inheritdoc/>
        public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue input) => graph.Call(_proj, input).Flatten(2).Transpose(1, 2);
    }
}
