namespace Recipes.Data;

/// <summary>A picture file with its captions.</summary>
/// <param name="Key">What names it.</param>
/// <param name="File">Its name in the folder.</param>
/// <param name="Captions">At least one.</param>
internal readonly record struct CaptionedPicture(string Key, string File, IReadOnlyList<string> Captions);

/// <summary>Picture files of a folder or zip, with captions that are in memory.</summary>
internal sealed class CaptionedFiles(string name, ArchiveFolder folder, IReadOnlyList<CaptionedPicture> pictures)
    : ICaptionedSet,
        IPictureFiles
{
    public string Name => name;

    public int Count => pictures.Count;

    public string Key(int index) => pictures[index].Key;

    public RgbImage Image(int index) => Pictures.Decode(this, index);

    public IReadOnlyList<string> Captions(int index) => pictures[index].Captions;

    public (string Name, ReadOnlyMemory<byte> Bytes) Picture(int index) =>
        (folder.Place(pictures[index].File), folder.Read(pictures[index].File));
}
