using System.Buffers.Binary;

namespace Recipes.Weights;

/// <summary>
/// A safetensors file, memory-mapped: opening reads and checks the header only.
/// </summary>
/// <remarks>Layout: 8 bytes little-endian header length, the header (JSON), then the tensors' bytes, row-major and
/// little-endian, without holes.</remarks>
public sealed class SafetensorsFile : WeightsFile
{
    private const int PrefixLength = 8;
    private readonly MappedFile _file;
    private readonly long _dataStart;

    private SafetensorsFile(MappedFile file, SafetensorsHeader header, long dataStart)
        : base(file.Path, header.Entries)
    {
        (_file, _dataStart) = (file, dataStart);
        Metadata = header.Metadata;
    }

    /// <inheritdoc/>
    public override string Format => "safetensors";

    /// <summary>The texts under <c>__metadata__</c>; empty where there are none.</summary>
    public override IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Opens a file and checks everything that its header says.</summary>
    /// <exception cref="RecipesException">The file is missing, cut short, damaged or hostile; all problems together.</exception>
    public static SafetensorsFile Open(string path)
    {
        var file = MappedFile.Open(path);
        try
        {
            var start = PrefixLength + HeaderLength(file);
            var header = SafetensorsHeader.Parse(file.Span(PrefixLength, (int)(start - PrefixLength)), file.Length - start, path);
            return new SafetensorsFile(file, header, start);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>A file that begins like this is meant to be one: a plausible length, then JSON.</summary>
    internal static bool Begins(ReadOnlySpan<byte> start) =>
        start.Length > PrefixLength
        && BinaryPrimitives.ReadUInt64LittleEndian(start) <= SafetensorsHeader.MaxLength
        && start[PrefixLength] == (byte)'{';

    /// <inheritdoc/>
    internal override TensorPlace Source(Entry entry) => new(_file, _dataStart + entry.Offset);

    private static long HeaderLength(MappedFile file)
    {
        if (file.Length < PrefixLength)
            throw SafetensorsHeader.Bad(
                file.Path,
                $"the file has {file.Length} bytes, fewer than the {PrefixLength} of the header's length"
            );
        var length = BinaryPrimitives.ReadUInt64LittleEndian(file.Span(0, PrefixLength));
        if (length > SafetensorsHeader.MaxLength)
            throw SafetensorsHeader.Bad(
                file.Path,
                $"the header claims {length} bytes, more than the format's {SafetensorsHeader.MaxLength}"
            );
        var following = file.Length - PrefixLength;
        if ((long)length > following)
            throw SafetensorsHeader.Bad(file.Path, $"the header claims {length} bytes, but only {following} follow (cut short?)");
        return (long)length;
    }

    /// <inheritdoc/>
    private protected override void Dispose(bool disposing) => _file.Dispose();
}
