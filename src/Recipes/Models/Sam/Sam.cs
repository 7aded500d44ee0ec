using Recipes.Layers;
using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>Segment Anything: an image is encoded once, then every prompt gets its masks. Keys are those of the official checkpoints.</summary>
/// <remarks>
/// Keys <c>image_encoder</c>, <c>prompt_encoder</c>, <c>mask_decoder</c>; the mean and deviation of pixels are no part of the state. As a module:
/// normalised images <c>[B, 3, H, W]</c> and P prompts (P a multiple of B, those of an image after each other) to logits
/// <c>[P, 3, H/4, W/4]</c> and predicted IoUs <c>[P, 3]</c>. For pictures and pixels see <see cref="Encode"/> and Segment.
/// </remarks>
public sealed partial class Sam : Module<Tensor, SamPromptTensors, (Tensor Logits, Tensor Ious)>, IRebuildable, ITowers, IOnnxParts
{
    [ComponentName(Name = "image_encoder")]
    private readonly SamImageEncoder _image;

    [ComponentName(Name = "prompt_encoder")]
    private readonly SamPromptEncoder _prompt;

    [ComponentName(Name = "mask_decoder")]
    private readonly SamMaskDecoder _decoder;

    /// <summary>Builds the network.</summary>
    /// <exception cref="RecipesException">Sizes that cannot be, all in one error.</exception>
    public Sam(SamSpec spec)
        : base(spec.Name)
    {
        spec.Check();
        Spec = spec;
        (_image, _prompt, _decoder) = (new SamImageEncoder(spec), new SamPromptEncoder(spec), new SamMaskDecoder(spec));
        RegisterComponents();
    }

    /// <summary>What the network was built from.</summary>
    public SamSpec Spec { get; }

    /// <summary>The image encoder, a network of its own.</summary>
    public SamImageEncoder ImageEncoder => _image;

    /// <summary>The prompt encoder.</summary>
    public SamPromptEncoder PromptEncoder => _prompt;

    /// <summary>The mask decoder.</summary>
    public SamMaskDecoder MaskDecoder => _decoder;

    /// <inheritdoc/>
    public IReadOnlyList<long> Probe => [1, 3, Spec.ImageSize, Spec.ImageSize];

    /// <summary>ViT-B: 93.7 M parameters (checkpoint <c>sam_vit_b_01ec64</c>).</summary>
    public static SamSpec VitB { get; } =
        new()
        {
            Name = "sam_vit_b",
            Width = 768,
            Depth = 12,
            Heads = 12,
            GlobalBlocks = [2, 5, 8, 11],
        };

    /// <summary>ViT-L: 312.3 M parameters (checkpoint <c>sam_vit_l_0b3195</c>).</summary>
    public static SamSpec VitL { get; } =
        new()
        {
            Name = "sam_vit_l",
            Width = 1024,
            Depth = 24,
            Heads = 16,
            GlobalBlocks = [5, 11, 17, 23],
        };

    /// <summary>ViT-H: 641.1 M parameters (checkpoint <c>sam_vit_h_4b8939</c>).</summary>
    public static SamSpec VitH { get; } =
        new()
        {
            Name = "sam_vit_h",
            Width = 1280,
            Depth = 32,
            Heads = 16,
            GlobalBlocks = [7, 15, 23, 31],
        };

    /// <inheritdoc/>
    public IReadOnlyList<Tower> Towers =>
        [
            Tower.Images(_image),
            new("prompt", Count(_prompt), points => _prompt.Sparse(Clicks(points), Spec.ImageSize, Spec.ImageSize), _ => zeros(1, 1, 2)),
            new("mask", Count(_decoder), Sample, size => zeros(1, Spec.PromptWidth, size / Spec.Patch, size / Spec.Patch)),
        ];

    /// <summary>The masks of prompts for images that are encoded already.</summary>
    /// <param name="embeddings"><c>[B, C, h, w]</c>, what <see cref="ImageEncoder"/> puts out.</param>
    /// <param name="prompts">P prompts, in pixels of the encoder's input; P is a multiple of B, those of an image after each other.</param>
    /// <param name="multimask">Three masks of each prompt, or one.</param>
    /// <returns>Logits <c>[P, M, 4h, 4w]</c> and predicted IoUs <c>[P, M]</c>; M is 3 or 1.</returns>
    /// <exception cref="RecipesException">The prompts do not fit each other or the images; all problems in one error.</exception>
    public (Tensor Logits, Tensor Ious) Decode(Tensor embeddings, SamPromptTensors prompts, bool multimask = true)
    {
        var (batch, height, width) = (embeddings.shape[0], embeddings.shape[2], embeddings.shape[3]);
        _prompt.Check(prompts, height, width);
        if (prompts.Count % batch != 0)
            throw new RecipesException(
                $"{Spec.Name}: expected as many prompts for each of {batch} images, found {prompts.Count} prompts. Decode image by image."
            );
        using var scope = NewDisposeScope();
        var (logits, ious) = _decoder.Decode(
            embeddings,
            _prompt.Positions(height, width),
            _prompt.Sparse(prompts, height * Spec.Patch, width * Spec.Patch),
            _prompt.Dense(prompts, height, width),
            multimask
        );
        return (logits.MoveToOuterDisposeScope(), ious.MoveToOuterDisposeScope());
    }

    /// <inheritdoc/>
    public override (Tensor Logits, Tensor Ious) forward(Tensor images, SamPromptTensors prompts)
    {
        using var embeddings = _image.call(images);
        return Decode(embeddings, prompts);
    }

    /// <inheritdoc/>
    public Module Rebuild() => new Sam(Spec);

    private static long Count(Module part) => part.parameters().Sum(p => p.numel());

    private static SamPromptTensors Clicks(Tensor points) => new(points, ones(points.shape[0], points.shape[1], dtype: ScalarType.Int64));

    // The masks of one click.
    private Tensor Sample(Tensor embeddings)
    {
        using var scope = NewDisposeScope();
        return Decode(embeddings, Clicks(zeros(1, 1, 2))).Logits.MoveToOuterDisposeScope();
    }
}
