using System.Text;

namespace Recipes.Notebook.Jupyter.Wire;

/// <summary>A message that waits: already in frames, or text of a stream that can still grow.</summary>
/// <param name="Parent">The header of the request that it belongs to.</param>
/// <param name="Stream">The stream's name; null for all but streams.</param>
/// <param name="Updates">The display that it updates; null for all but updates.</param>
internal sealed record OutboxEntry(byte[]? Parent, string? Stream = null, string? Updates = null)
{
    /// <summary>The stream's text.</summary>
    public StringBuilder Text { get; } = new();

    /// <summary>The message; none for a stream.</summary>
    public IReadOnlyList<byte[]> Frames { get; set; } = [];

    /// <summary>Bytes, or characters of a stream: about what it holds in memory.</summary>
    public long Size => Stream is null ? Frames.Sum(f => (long)f.Length) : Text.Length;
}
