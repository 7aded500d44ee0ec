using System.Security.Cryptography;
using System.Text;

namespace Recipes.Notebook.Jupyter.Wire;

/// <summary>HMAC-SHA256 over a message's four JSON frames, in lower-case hexadecimal. An empty key signs nothing and checks nothing.</summary>
internal sealed class MessageSigner(string key)
{
    /// <summary>So many signatures are remembered; older messages could be replayed.</summary>
    private const int Remembered = 1 << 16;

    private readonly byte[] _key = Encoding.UTF8.GetBytes(key);
    private readonly HashSet<string> _seen = [];
    private readonly Queue<string> _order = [];

    /// <summary>The signature, or an empty frame.</summary>
    public byte[] Sign(IReadOnlyList<byte[]> parts)
    {
        if (_key.Length == 0)
            return [];
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key);
        foreach (var part in parts)
            hash.AppendData(part);
        return Encoding.ASCII.GetBytes(Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    /// <summary>Refuses a signature that is wrong, missing or was there before. The comparison takes the same time for each.</summary>
    /// <exception cref="RecipesException">Why.</exception>
    public void Check(byte[] signature, IReadOnlyList<byte[]> parts)
    {
        if (_key.Length == 0)
            return;
        if (signature.Length == 0)
            throw new RecipesException("it is not signed");
        if (!CryptographicOperations.FixedTimeEquals(signature, Sign(parts)))
            throw new RecipesException("its signature is wrong");
        var text = Encoding.ASCII.GetString(signature);
        lock (_seen)
        {
            if (!_seen.Add(text))
                throw new RecipesException("it is a duplicate");
            _order.Enqueue(text);
            if (_order.Count > Remembered)
                _seen.Remove(_order.Dequeue());
        }
    }
}
