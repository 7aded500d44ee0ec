namespace Recipes.Display;

/// <summary>Several blocks, one below the other, as one.</summary>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed class Blocks : Block
{
    private readonly Block[] _blocks;

    /// <summary>These blocks in their order. What is no block is shown by its own HTML and text.</summary>
    public Blocks(params IEnumerable<IDisplay> blocks) => _blocks = [.. blocks.Select(Of)];

    /// <inheritdoc/>
    public override string ToString() => string.Join('\n', _blocks.Select(b => b.ToString()));

    /// <inheritdoc/>
    public override string ToMarkdown() => string.Join('\n', _blocks.Select(b => b.ToMarkdown()));

    /// <inheritdoc/>
    protected internal override string Body() => string.Join('\n', _blocks.Select(b => b.Body()));

    internal static Block Of(IDisplay value) => value as Block ?? new Other(value);

    [TypeFormatterSource(typeof(DisplayFormatterSource))]
    private sealed class Other(IDisplay value) : Block
    {
        public override string ToString() => value.ToString()!.TrimEnd() + "\n";

        public override string ToMarkdown() => $"```\n{ToString()}```\n";

        // Its style is that of a cell; the page or the cell around it has one.
        protected internal override string Body() => value.ToHtml().Replace($"<style>{Assets.CellCss}</style>", "");
    }
}
