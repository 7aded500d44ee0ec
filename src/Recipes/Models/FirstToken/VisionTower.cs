using TorchSharp;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>An image encoder as a language model uses it: an image of R pixels a side in, tokens out, its head left out, folded.</summary>
/// <param name="Name">What charts and tables call it.</param>
/// <param name="Spec">The network: a FastViT, or CLIP's or SigLIP's transformer built for this resolution.</param>
/// <param name="Resolution">R.</param>
public sealed record VisionTower(string Name, ModelSpec Spec, int Resolution)
{
    /// <summary>FastViTHD, 125 M parameters: (R/64)² tokens.</summary>
    public static VisionTower FastVitHd(int resolution) => new("FastViTHD", Mci.FastVitHd(), resolution);

    /// <summary>MCi2, 36 M parameters, the paper's "FastViT": (R/32)² tokens.</summary>
    public static VisionTower FastVit(int resolution) => new("FastViT (MCi2)", Mci.Mci2(), resolution);

    /// <summary>CLIP's ViT-L/14, 304 M parameters: (R/14)² tokens.</summary>
    public static VisionTower VitL14(int resolution) =>
        new("ViT-L/14", Clip.VitL14At336.Vision with { ImageSize = resolution }, resolution);

    /// <summary>SigLIP-SO400M/14, 428 M parameters: (R/14)² tokens.</summary>
    public static VisionTower So400M(int resolution) =>
        new("SigLIP-SO400M/14", Siglip.So400M() with { ImageSize = resolution }, resolution);

    /// <summary>The same encoder at another resolution.</summary>
    public VisionTower At(int resolution) =>
        new(
            Name,
            Spec switch
            {
                ClipVisionSpec clip => clip with { ImageSize = resolution },
                SiglipSpec siglip => siglip with { ImageSize = resolution },
                _ => Spec,
            },
            resolution
        );

    /// <summary>Tokens of one image.</summary>
    public int Tokens =>
        Spec switch
        {
            FastVitSpec fastVit => Square((Resolution + fastVit.Stride - 1) / fastVit.Stride),
            ClipVisionSpec clip => Square(Resolution / clip.Patch),
            SiglipSpec siglip => Square(Resolution / siglip.Patch),
            _ => throw Unknown(),
        };

    /// <summary>Channels of a token.</summary>
    public int Width =>
        Spec switch
        {
            FastVitSpec fastVit => fastVit.FeatureWidth,
            ClipVisionSpec clip => clip.Width,
            SiglipSpec siglip => siglip.Width,
            _ => throw Unknown(),
        };

    /// <summary>Multiply-accumulates for one image, folded, counted on networks of the same layers (<see cref="TowerMacs"/>).</summary>
    public long Macs => TowerMacs.Of(this);

    /// <summary>
    /// Builds the network, folded and in evaluation mode, float32: <c>[B, 3, R, R]</c> to <c>[B, T, C]</c>. A FastViT takes any
    /// resolution.
    /// </summary>
    public Module<Tensor, Tensor> Build()
    {
        var trunk = Spec.Build();
        trunk.eval();
        Layers.Modules.Fold(trunk);
        return new Network(trunk);
    }

    private RecipesException Unknown() =>
        new($"{Spec.Name} is no image encoder with tokens; known: FastViT, CLIP's and SigLIP's transformers.");

    private static int Square(int side) => side * side;

    private sealed class Network : Module<Tensor, Tensor>
    {
        [ComponentName(Name = "trunk")]
        private readonly Module<Tensor, Tensor> _trunk;

        public Network(Module<Tensor, Tensor> trunk)
            : base(nameof(VisionTower))
        {
            _trunk = trunk;
            RegisterComponents();
            eval();
        }

        public override Tensor forward(Tensor input) => ((ITokenEncoder)_trunk).Tokens(input);
    }
}
