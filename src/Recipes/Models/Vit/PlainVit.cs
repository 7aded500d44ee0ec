using Recipes.Layers;
using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>The plain vision transformer of <see cref="PlainVitSpec"/>.</summary>
/// <remarks>
/// Input <c>[B, 3, R, R]</c> at the resolution it was built for, output logits <c>[B, classes]</c>. Keys <c>patch_embed</c>,
/// <c>pos_embed</c>, <c>blocks</c>, <c>norm</c>, <c>head</c>.
/// </remarks>
public sealed partial class PlainVit : Module<Tensor, Tensor>, IRebuildable, ISpecified, ITokenEncoder, IOnnxLayer
{
    [ComponentName(Name = "pos_embed")]
    private readonly Parameter _positions;

    [ComponentName(Name = "patch_embed")]
    private readonly Conv2d _patches;

    [ComponentName(Name = "blocks")]
    private readonly Module<Tensor, Tensor> _blocks;

    [ComponentName(Name = "norm")]
    private readonly LayerNorm _norm;

    [ComponentName(Name = "head")]
    private readonly Linear _head;

    /// <summary>Builds the network.</summary>
    public PlainVit(PlainVitSpec spec)
        : base(spec.Name)
    {
        Spec = spec;
        _positions = Parameters.Normal(0.02, 1, spec.Tokens, spec.Width);
        _patches = Conv2d(3, spec.Width, spec.Patch, spec.Patch);
        _blocks = Modules.Numbered(
            Enumerable.Range(0, spec.Layers).Select(_ => new TransformerLayer(spec.Width, spec.Heads, causal: false))
        );
        _norm = LayerNorm(spec.Width);
        _head = Linear(spec.Width, spec.Classes);
        RegisterComponents();
    }

    /// <summary>What the network was built from.</summary>
    public PlainVitSpec Spec { get; }

    ModelSpec ISpecified.Spec => Spec;

    int ITokenEncoder.TokenWidth => Spec.Width;

    /// <inheritdoc/>
    public IReadOnlyList<long> Probe => [2, 3, Spec.ImageSize, Spec.ImageSize];

    /// <summary>ViT-B/16: 12 layers of 768 channels and 12 heads.</summary>
    public static PlainVitSpec B16(int size = 224, int classes = 1000) => Sixteen("vit_b_16", size, classes, 768, 12, 12);

    /// <summary>ViT-L/16: 24 layers of 1024 channels and 16 heads.</summary>
    public static PlainVitSpec L16(int size = 224, int classes = 1000) => Sixteen("vit_l_16", size, classes, 1024, 24, 16);

    /// <summary>The transformer of 4 to 12 layers whose arithmetic is nearest to a budget.</summary>
    /// <param name="macs">Multiply-accumulates for one image.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="size">Pixels a side.</param>
    /// <param name="patch">Pixels a side of a patch, a divisor of the size; its eighth when null.</param>
    /// <exception cref="RecipesException">The patches do not fill the image.</exception>
    public static PlainVitSpec Near(long macs, int classes = 10, int size = 32, int? patch = null)
    {
        var side = patch ?? size / 8;
        if (side < 1 || size % side != 0)
            throw new RecipesException($"a plain ViT: expected a side that is a multiple of its patches' {side} pixels, found {size}.");
        return (
            from layers in Enumerable.Range(4, 9)
            from width in Enumerable.Range(1, 512).Select(n => 8 * n)
            select new PlainVitSpec
            {
                Name = "vit",
                Classes = classes,
                ImageSize = size,
                Patch = side,
                Width = width,
                Layers = layers,
                Heads = width / 8,
            }
        ).MinBy(spec => Math.Abs(spec.Macs - macs))!;
    }

    /// <summary>The transformer whose arithmetic is nearest to that of another network's train-time form.</summary>
    /// <param name="peer">The other network; its classes are taken over.</param>
    /// <param name="size">Pixels a side.</param>
    /// <param name="patch">As above.</param>
    public static PlainVitSpec Near(ModelSpec peer, int size = 32, int? patch = null)
    {
        using var network = peer.Build();
        return Near(Profile.Of(network, 3, size, size).Macs, peer.Classes, size, patch);
    }

    /// <summary>The patches behind the last layer and norm, <c>[B, T, D]</c>.</summary>
    public Tensor Tokens(Tensor input)
    {
        ImageInput.Check(input, Spec.Name);
        using var scope = NewDisposeScope();
        // Channels-last, some widths (24) take oneDNN's slow path backward: 20 times the time of a whole step.
        var patches = _patches.call(input.contiguous()).flatten(2).transpose(1, 2); // [B, T, D]
        if (patches.shape[1] != Spec.Tokens)
            throw ImageInput.Patches(Spec.Name, input.shape, patches.shape[1], Spec.Tokens);
        return _norm.call(_blocks.call(patches + _positions)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return _head.call(Tokens(input).mean([1])).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue input)
    {
        var patches = graph.Call(_patches, input).Flatten(2).Transpose(1, 2); // [B, T, D]
        if (patches.Size(1) != Spec.Tokens)
            throw ImageInput.Patches(Spec.Name, input.Shape, patches.Size(1), Spec.Tokens);
        var tokens = graph.Call(_norm, graph.Call(_blocks, patches + graph.Weight("pos_embed", _positions)));
        return graph.Call(_head, tokens.Mean([1]));
    }

    /// <inheritdoc/>
    public Module Rebuild() => new PlainVit(Spec);

    private static PlainVitSpec Sixteen(string name, int size, int classes, int width, int layers, int heads) =>
        new()
        {
            Name = name,
            Classes = classes,
            ImageSize = size,
            Patch = 16,
            Width = width,
            Layers = layers,
            Heads = heads,
        };
}
