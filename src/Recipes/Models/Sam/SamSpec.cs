using System.Text.Json.Serialization;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>
/// Segment Anything (arXiv 2304.02643), the base of SAM-CLIP (arXiv 2310.15308, sec. 3). Entry points: <see cref="Sam.VitB"/>,
/// <see cref="Sam.VitL"/>, <see cref="Sam.VitH"/>.
/// </summary>
public sealed record SamSpec : NetworkSpec
{
    /// <summary>
    /// Pixels a side of the image that the position tables are for, a multiple of <see cref="Patch"/>. The network runs at other sizes
    /// too; its tables are interpolated then.
    /// </summary>
    public int ImageSize { get; init; } = 1024;

    /// <summary>Pixels a side of a patch.</summary>
    public int Patch { get; init; } = 16;

    /// <summary>D, channels of the image encoder.</summary>
    public required int Width { get; init; }

    /// <summary>Blocks of the image encoder.</summary>
    public required int Depth { get; init; }

    /// <summary>Attention heads of the image encoder, which share D.</summary>
    public required int Heads { get; init; }

    /// <summary>Blocks, from 0, whose attention sees the whole map; the others see a window.</summary>
    public required IReadOnlyList<int> GlobalBlocks { get; init; }

    /// <summary>Patches a side of a window.</summary>
    public int Window { get; init; } = 14;

    /// <summary>C, channels of image embeddings and prompts, a multiple of 8.</summary>
    public int PromptWidth { get; init; } = 256;

    /// <summary>Layers of the mask decoder's transformer.</summary>
    public int DecoderDepth { get; init; } = 2;

    /// <summary>Heads of the mask decoder's attention.</summary>
    public int DecoderHeads { get; init; } = 8;

    /// <summary>Inner width of the mask decoder's feed-forward layers.</summary>
    public int DecoderInner { get; init; } = 2048;

    /// <inheritdoc/>
    public override int Resolution => ImageSize;

    /// <summary>Patches a side of the map that the position tables are for.</summary>
    [JsonIgnore]
    public int Side => ImageSize / Patch;

    /// <summary>The spec with position tables for another size, such as 256. Checkpoints of 1024 pixels fit the spec of 1024, which runs at any size.</summary>
    public SamSpec WithImageSize(int pixels) => this with { ImageSize = pixels };

    /// <inheritdoc/>
    /// <exception cref="RecipesException">Sizes that cannot be, all in one error.</exception>
    public override Sam Build(long seed = 0) => (Sam)base.Build(seed);

    /// <inheritdoc/>
    protected override Module CreateModule() => new Sam(this);

    internal void Check()
    {
        var problems = new List<string>();
        foreach (
            var (value, name) in ((int, string)[])
                [
                    (ImageSize, nameof(ImageSize)),
                    (Patch, nameof(Patch)),
                    (Width, nameof(Width)),
                    (Depth, nameof(Depth)),
                    (Heads, nameof(Heads)),
                    (Window, nameof(Window)),
                    (PromptWidth, nameof(PromptWidth)),
                    (DecoderDepth, nameof(DecoderDepth)),
                    (DecoderHeads, nameof(DecoderHeads)),
                    (DecoderInner, nameof(DecoderInner)),
                ]
        )
        {
            if (value < 1)
                problems.Add($"{name} is {value}; it must be 1 or more");
        }
        if (problems.Count == 0)
        {
            if (ImageSize % Patch != 0)
                problems.Add($"{nameof(ImageSize)} {ImageSize} must be a multiple of {nameof(Patch)} {Patch}");
            if (Width % Heads != 0)
                problems.Add($"{nameof(Width)} {Width} must be a multiple of {nameof(Heads)} {Heads}");
            if (PromptWidth % 8 != 0 || PromptWidth / 2 % DecoderHeads != 0)
                problems.Add(
                    $"{nameof(PromptWidth)} {PromptWidth} must be a multiple of 8 and of twice {nameof(DecoderHeads)} {DecoderHeads}"
                );
        }
        foreach (var block in GlobalBlocks.Where(b => b < 0 || b >= Depth))
            problems.Add($"{nameof(GlobalBlocks)} names block {block}; the blocks are 0 to {Depth - 1}");
        RecipesException.ThrowIfAny($"{Name} cannot be built:", problems);
    }
}
