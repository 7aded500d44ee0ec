namespace Recipes.Data;

/// <summary>An official checkpoint.</summary>
/// <param name="Source">Where it is, and under what terms; its name begins with <c>weights/</c>.</param>
/// <param name="File">The file to load, once it is here (and unpacked).</param>
public sealed record WeightsEntry(DataEntry Source, string File)
{
    /// <summary>What the names of the network's tensors begin with in the file; the rest of the file is another network's.</summary>
    /// <value>Default empty.</value>
    public string Prefix { get; init; } = "";
}

/// <summary>The official checkpoints that <c>recipes data get weights/NAME</c> brings; names as in the zoo.</summary>
public static class WeightsCatalog
{
    /// <summary>What the names begin with.</summary>
    public const string Prefix = "weights/";

    private const string Research = "Apple ML Research Model Terms: research only";
    private const string Assets = "https://docs-assets.developer.apple.com/ml-research/";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<WeightsEntry> All { get; } =
    [
        .. Apple("mobileone_", ["s0", "s1", "s2", "s3", "s4"], "mobileone", v => $"datasets/mobileone/mobileone_{v}_unfused.pth.tar"),
        .. Apple(
            "fastvit_",
            ["t8", "t12", "s12", "sa12", "sa24", "sa36", "ma36"],
            "fastvit",
            v => $"models/fastvit/image_classification_models/fastvit_{v}.pth.tar"
        ),
        .. Apple("mobileclip_", ["s0", "s1", "s2", "b"], "mobileclip", v => $"datasets/mobileclip/mobileclip_{v}.pt"),
        .. ((string[])["s0", "s2", "b", "s3", "s4"]).Select(v =>
            Hub($"mobileclip2_{v}", $"apple/MobileCLIP2-{v.ToUpperInvariant()}", $"mobileclip2_{v}.pt", Research)
        ),
        Hub("mobileclip2_l_14", "apple/MobileCLIP2-L-14", "mobileclip2_l14.pt", Research),
        .. ((string[])["0.5b", "1.5b", "7b"]).Select(size =>
            Entry(
                $"fastvlm_{size}",
                "https://github.com/apple/ml-fastvlm",
                Research,
                new Uri($"https://ml-site.cdn-apple.com/datasets/fastvlm/llava-fastvithd_{size}_stage3.zip")
            ) with
            {
                File = size == "0.5b" ? "model.safetensors" : "model.safetensors.index.json",
            }
        ),
        Entry(
            "sam_vit_b",
            "https://github.com/facebookresearch/segment-anything",
            "Apache-2.0",
            new Uri("https://dl.fbaipublicfiles.com/segment_anything/sam_vit_b_01ec64.pth"),
            375_042_383,
            "ec2df62732614e57411cdcf32a23ffdf28910380d03139ee0f4fcbe91eb8c912"
        ),
        Entry(
            "sam_vit_l",
            "https://github.com/facebookresearch/segment-anything",
            "Apache-2.0",
            new Uri("https://dl.fbaipublicfiles.com/segment_anything/sam_vit_l_0b3195.pth"),
            sha256: "3adcc4315b642a4d2101128f611684e8734c41232a17c648ed1693702a49a622"
        ),
        Hub(
            "clip_vit_b_16",
            "timm/vit_base_patch16_clip_224.openai",
            "open_clip_model.safetensors",
            "MIT",
            "4b8699299b1e8997753c64b052ba32031449d5d853f55a039148560ee02b820f"
        ),
        Hub("clip_vit_l_14", "timm/vit_large_patch14_clip_224.openai", "open_clip_model.safetensors", "MIT"),
        Hub("clip_vit_l_14_336", "timm/vit_large_patch14_clip_336.openai", "open_clip_model.safetensors", "MIT"),
        Hub("siglip_so400m_14_384", "timm/ViT-SO400M-14-SigLIP-384", "open_clip_model.safetensors", "Apache-2.0") with
        {
            Prefix = "visual.trunk.",
        },
        Hub("qwen2_0.5b", "Qwen/Qwen2-0.5B", "model.safetensors", "Apache-2.0"),
        Hub("qwen2_1.5b", "Qwen/Qwen2-1.5B", "model.safetensors", "Apache-2.0"),
    ];

    /// <summary>The checkpoint of a network of the zoo.</summary>
    /// <param name="model">Its name, with or without <c>weights/</c>.</param>
    /// <exception cref="RecipesException">None is published, or none is known here.</exception>
    public static WeightsEntry Find(string model)
    {
        var name = model.StartsWith(Prefix, StringComparison.Ordinal) ? model : Prefix + model;
        return All.FirstOrDefault(e => string.Equals(e.Source.Name, name, StringComparison.OrdinalIgnoreCase))
            ?? throw new RecipesException(
                $"{model}: no official checkpoint is known{Nearest.End(name, All.Select(e => e.Source.Name))} Known: {string.Join(", ", All.Select(e => e.Source.Name))}."
            );
    }

    private static IEnumerable<WeightsEntry> Apple(string family, string[] variants, string repository, Func<string, string> path) =>
        variants.Select(v =>
            Entry(
                family + v,
                $"https://github.com/apple/ml-{repository}",
                $"Apple's licence in github.com/apple/ml-{repository}{(repository == "mobileclip" ? ", weights for research only" : "")}",
                new Uri(Assets + path(v))
            )
        );

    private static WeightsEntry Hub(string name, string repository, string file, string licence, string? sha256 = null) =>
        Entry(
            name,
            $"https://huggingface.co/{repository}",
            licence,
            new Uri($"https://huggingface.co/{repository}/resolve/main/{file}"),
            sha256: sha256
        );

    private static WeightsEntry Entry(string name, string home, string licence, Uri url, long? bytes = null, string? sha256 = null)
    {
        var file = Path.GetFileName(url.AbsolutePath);
        return new WeightsEntry(
            new DataEntry(Prefix + name, $"official weights of {name}", home, licence, [new DataFile(file, url, bytes, sha256)])
            {
                MustAccept = true,
            },
            file
        );
    }
}
