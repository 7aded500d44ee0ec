using Recipes.Layers;
using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>SAM's image encoder (arXiv 2304.02643, app. A): a vision transformer with windows, and a convolutional neck.</summary>
/// <remarks>
/// Input <c>[B, 3, H, W]</c>, normalised, sides multiples of the patch (16); output <c>[B, C, H/16, W/16]</c>. The position tables are for
/// <see cref="SamSpec.ImageSize"/>; at other sizes the absolute one is interpolated bicubically (as in ViTDet) and the relative
/// ones of global blocks linearly. Keys <c>pos_embed</c>, <c>patch_embed.proj</c>, <c>blocks.N</c>, <c>neck.0</c> to <c>neck.3</c>.
/// </remarks>
public sealed class SamImageEncoder : Module<Tensor, Tensor>, IOnnxLayer
{
    private readonly SamSpec _spec;

    [ComponentName(Name = "pos_embed")]
    private readonly Parameter _positions;

    [ComponentName(Name = "patch_embed")]
    private readonly PatchEmbedding _patches;

    [ComponentName(Name = "blocks")]
    private readonly ModuleList<SamBlock> _blocks;

    [ComponentName(Name = "neck")]
    private readonly Sequential _neck;

    internal SamImageEncoder(SamSpec spec)
        : base(nameof(SamImageEncoder))
    {
        _spec = spec;
        var (width, channels) = (spec.Width, spec.PromptWidth);
        _positions = Parameters.Full(0, 1, spec.Side, spec.Side, width);
        _patches = new PatchEmbedding(width, spec.Patch);
        _blocks = new ModuleList<SamBlock>([.. Enumerable.Range(0, spec.Depth).Select(i => new SamBlock(spec, i))]);
        _neck = Modules.Numbered([
            new PointwiseConv(width, channels, bias: false),
            new ChannelLayerNorm(channels, 1e-6),
            Conv2d(channels, channels, 3, padding: 1, bias: false),
            new ChannelLayerNorm(channels, 1e-6),
        ]);
        RegisterComponents();
    }

    /// <inheritdoc/>
    /// <exception cref="RecipesException">The input is not of whole patches.</exception>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        using var map = Blocks(input);
        return _neck.call(map.permute(0, 3, 1, 2)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue input)
    {
        var x = graph.Call(_patches, input); // [B, h, w, D]
        using var scope = NewDisposeScope();
        x = x + graph.Derived("pos_embed", Positions(x.Size(1), x.Size(2)));
        return graph.Call(_neck, _blocks.Aggregate(x, (y, block) => graph.Call(block, y)).Permute(0, 3, 1, 2));
    }

    /// <summary>What comes out of the last block, before the neck: <c>[B, 3, H, W]</c> to <c>[B, H/16, W/16, D]</c>. SAM-CLIP's second head reads this.</summary>
    /// <exception cref="RecipesException">The input is not of whole patches.</exception>
    public Tensor Blocks(Tensor input)
    {
        Check(input);
        using var scope = NewDisposeScope();
        var x = _patches.call(input); // [B, h, w, D]
        x = x + Positions(x.shape[1], x.shape[2]);
        foreach (var block in _blocks)
        {
            using var before = x;
            x = block.call(x);
        }
        return x.MoveToOuterDisposeScope();
    }

    private Tensor Positions(long height, long width)
    {
        if (height == _positions.shape[1] && width == _positions.shape[2])
            return _positions.alias();
        using var scope = NewDisposeScope();
        return functional
            .interpolate(_positions.permute(0, 3, 1, 2), [height, width], mode: InterpolationMode.Bicubic, align_corners: false)
            .permute(0, 2, 3, 1)
            .MoveToOuterDisposeScope();
    }

    private void Check(Tensor input)
    {
        if (input.shape is not [> 0, 3, > 0, > 0] || input.shape[2] % _spec.Patch != 0 || input.shape[3] % _spec.Patch != 0)
            throw new RecipesException(
                $"{_spec.Name}: images are [B, 3, H, W] with sides that are multiples of {_spec.Patch}; found [{string.Join(", ", input.shape)}]. Pad them, or use Sam.Encode, which does."
            );
    }

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
            using var patches = _proj.call(input);
            return patches.permute(0, 2, 3, 1);
        }

        /// <inheritdoc/>
        public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue input) => graph.Call(_proj, input).Permute(0, 2, 3, 1);
    }
}
