using Recipes.Models;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Reproductions.Parity;

// The goldens of MobileCLIP, MobileCLIP2 and FastViTHD: towers of FastViT's blocks, and what stands around them.
internal static class FastVitParity
{
    public static ParityReport MobileClip(string file, GoldenFile golden)
    {
        using var scope = NewDisposeScope();
        var spec = (MobileClipSpec)Zoo.Network($"mobileclip_{golden.Variant}");
        var model = spec.Build();
        var subject = new ParitySubject(model, inputs => Both(model, inputs["input:mobileclip:image"], inputs["input:mobileclip:text"]))
        {
            // The file has the convolutional text blocks' outputs as tokens.
            Layout = (name, value) =>
                name.StartsWith("text_encoder.transformer.", StringComparison.Ordinal) && value.dim() == 4
                    ? value.squeeze(2).transpose(1, 2)
                    : value,
            Macs = new Dictionary<string, Func<Module, long>>(StringComparer.Ordinal)
            {
                ["image"] = _ => ParitySubject.Count(model.Image, [1, 3, spec.Resolution, spec.Resolution]),
                ["text"] = _ => TextMacs(model.Text, spec.Text.Context),
            },
        };
        return ModelParity.Compare(file, golden, subject);
    }

    public static ParityReport MobileClip2(string file, GoldenFile golden)
    {
        using var scope = NewDisposeScope();
        if (golden.Variant.StartsWith("text", StringComparison.Ordinal))
            return ClipParity.Text(file, golden);
        // timm's heads have a bias, the smaller ones' too.
        var spec = (FastVitSpec)Zoo.Spec(golden.Variant) with
        {
            Head = FastVitHead.Embedding,
        };
        var network = (FastVit)spec.Build();
        var subject = new ParitySubject(
            network,
            inputs =>
            {
                var map = network.Features(inputs["input:mobileclip2:image"]);
                var features = network.Head(map);
                return [("feature_map", map), ("image_features", features), ("image_embeddings", functional.normalize(features, dim: -1))];
            }
        )
        {
            Rename = name => TimmNames.Of(name, spec),
            // timm's stage is a module; here its last part ends it.
            Checkpoint = name =>
                name.StartsWith("stages.", StringComparison.Ordinal) && name.Count(c => c == '.') == 1 ? $"{name}.blocks" : name,
            SameOrder = false,
            Macs = Single(golden),
        };
        return ModelParity.Compare(file, golden, subject);
    }

    public static ParityReport FastVitHd(string file, GoldenFile golden)
    {
        using var scope = NewDisposeScope();
        var network = (FastVit)Mci.FastVitHd().Build();
        (string Prefix, Module<Tensor, Tensor> Module)[] projectors =
        [
            ("fastvlm_0.5b.mm_projector", new MlpProjector(network.Spec.FeatureWidth, 896)),
            ("fastvlm_1.5b.mm_projector", new MlpProjector(network.Spec.FeatureWidth, 1536)),
        ];
        var subject = new ParitySubject(
            network,
            inputs =>
            {
                var map = network.Features(inputs["input:fastvithd"]);
                var tokens = map.flatten(2).transpose(1, 2);
                return
                [
                    ("image_embeddings", map),
                    ("tokens", tokens),
                    ("logits", network.Head(map)),
                    .. projectors.Select(p => (p.Prefix, p.Module.call(tokens))),
                ];
            }
        )
        {
            Rename = name => $"model.{name}",
            Macs = Single(golden),
            Others = [.. projectors.Select(p => (p.Prefix + ".", (Module)p.Module))],
            // The official constructor builds the folded form only; that file's values come straight from the folded names.
            FoldFirst = golden.Mode == "fused" && !golden.Variant.EndsWith("-train", StringComparison.Ordinal),
        };
        return ModelParity.Compare(file, golden, subject);
    }

    private static Dictionary<string, Func<Module, long>> Single(GoldenFile golden) =>
        new(StringComparer.Ordinal) { [""] = m => ParitySubject.Count(m, golden.Inputs[0].Sizes()) };

    private static IEnumerable<(string, Tensor)> Both(MobileClip model, Tensor images, Tensor tokens)
    {
        var (image, text) = (model.Image.call(images), model.Text.call(tokens));
        var (i, t) = (functional.normalize(image, dim: -1), functional.normalize(text, dim: -1));
        var scale = model.Scale();
        return
        [
            ("image_features", image),
            ("text_features", text),
            ("image_embeddings", i),
            ("text_embeddings", t),
            ("logit_scale", scale.reshape(1)),
            ("logits_per_image", scale * i.matmul(t.t())),
        ];
    }

    internal static long TextMacs(Module<Tensor, Tensor> text, int context)
    {
        var profile = Profile.Of(text, zeros([1, context], ScalarType.Int64));
        return profile.Macs - profile.AttentionMacs;
    }
}
