using Recipes.Models;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Reproductions.Parity;

// The goldens of OpenAI's CLIP, of MobileCLIP2's text encoders and of SigLIP.
internal static class ClipParity
{
    public static ParityReport Clip(string file, GoldenFile golden)
    {
        using var scope = NewDisposeScope();
        var spec = golden.Variant.StartsWith("vit-b-16", StringComparison.Ordinal) ? Models.Clip.VitB16 : Models.Clip.VitL14;
        spec = spec with { ImageSize = (int)golden.Inputs.First(i => i.Name == "input:clip:image").Sizes()[^1] };
        if (ParitySubject.Layers(golden) is { } layers)
            spec = spec with { VisionLayers = layers, Text = spec.Text with { Layers = layers } };
        var model = spec.Build();
        var subject = new ParitySubject(model, inputs => Outputs(model, inputs["input:clip:image"], inputs["input:clip:text"]))
        {
            // The reference runs its transformers on [T, B, D].
            Layout = (name, value) => name.Contains("resblocks", StringComparison.Ordinal) ? value.transpose(0, 1) : value,
            Macs = new Dictionary<string, Func<Module, long>>(StringComparer.Ordinal)
            {
                ["image"] = _ => ParitySubject.Count(model.Image, [1, 3, spec.Resolution, spec.Resolution]),
            },
        };
        return ModelParity.Compare(file, golden, subject);
    }

    public static ParityReport Text(string file, GoldenFile golden)
    {
        using var scope = NewDisposeScope();
        var width = golden.Variant is "text-s3" or "text-s4" or "text-l14" or "text-l-14" ? 768 : 512;
        var text = new ClipText(ClipTextSpec.MobileClip2(width, causal: golden.Variant == "text-b"));
        var subject = new ParitySubject(
            text,
            inputs =>
            {
                var features = text.call(inputs["input:mobileclip2:text"]);
                return [("text_features", features), ("text_embeddings", functional.normalize(features, dim: -1))];
            }
        )
        {
            SameOrder = false,
            Macs = new Dictionary<string, Func<Module, long>>(StringComparer.Ordinal)
            {
                [""] = _ => FastVitParity.TextMacs(text, text.Spec.Context),
            },
        };
        return ModelParity.Compare(file, golden, subject);
    }

    public static ParityReport Siglip(string file, GoldenFile golden)
    {
        using var scope = NewDisposeScope();
        var input = golden.Inputs[0];
        var spec = Models.Siglip.So400M() with { ImageSize = (int)input.Sizes()[^1] };
        if (ParitySubject.Layers(golden) is { } layers)
            spec = spec with { Layers = layers };
        var network = (Siglip)spec.Build();
        var subject = new ParitySubject(
            network,
            inputs =>
            {
                var tokens = network.Tokens(inputs[input.Name]);
                var features = network.Pool(tokens);
                return [("tokens", tokens), ("image_features", features), ("image_embeddings", functional.normalize(features, dim: -1))];
            }
        )
        {
            Macs = new Dictionary<string, Func<Module, long>>(StringComparer.Ordinal) { [""] = m => ParitySubject.Count(m, input.Sizes()) },
        };
        return ModelParity.Compare(file, golden, subject);
    }

    private static IEnumerable<(string, Tensor)> Outputs(Clip model, Tensor images, Tensor tokens)
    {
        var (image, text) = (model.Image.call(images), model.TextFeatures(tokens));
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
            ("logits_per_text", scale * t.matmul(i.t())),
        ];
    }
}
