/// What torchvision's rules on the Python Imaging Library 9.4 give: checksums of the bytes before normalisation.
module Recipes.Tests.PreprocessingDoubles

/// Sides of a made picture, and CRC-32 of each way to make it square, in the order of the test.
let made =
    [
        (1, 1),
        "d2d5321f 8a258aec d2d5321f 1a418bef d2d5321f 8a258aec d2d5321f 1a418bef d2d5321f 8a258aec d2d5321f 8a258aec d2d5321f 8a258aec d2d5321f 8a258aec d2d5321f 8a258aec d2d5321f 8a258aec"
        (2, 700),
        "25573631 345daf64 ba63ca49 5461f500 5d6204fc 44256e3d 230e447b f9c646f6 523ff222 85b9216c 2354a907 c2589869 930edc41 94ddbd25 350e3154 1f870df4 834974ef a8f369fa 0fb652b0 78b720b9"
        (700, 2),
        "8c4ac18f aa4de274 cbcc3b83 204a1d63 8ee4481b dbb3eb47 508e5501 d09ade81 a8ae3736 87fb481b a8e6d337 8e660c52 687f02cf 8ffd168a 5fa85f73 8738cb41 6b4d9efa ce06f013 937d8931 4d484762"
        (37, 64),
        "27af1ff5 3f09a481 a257b4a7 1f2087ee 8c79b66a 5beb19ab 02ee61f8 aa8bab17 d9f3b75c c7f7151a 2acd9e29 78d78bdb 116e4b86 83fda661 283d12c8 83fda661 98b08c72 bb07a2ed 72f4e0c7 bb07a2ed"
        (64, 37),
        "62244362 4e96327e d9f0d4f5 0d954839 ce6489ce 4c56fb6c 30f97343 1e3ea6be aa2a0d8c dea43046 d4f586d5 9f3997d2 1b3097b3 40482181 2eebd090 40482181 4470db1c 1c867ed0 ee13b999 1c867ed0"
        (224, 224),
        "284c296f 8c84286d 5e21800d 312c9086 284c296f 28fdeb83 7b4ef437 6488ec65 284c296f 8c84286d 284c296f 28fdeb83 284c296f 8c84286d 284c296f 28fdeb83 284c296f 8c84286d 284c296f 28fdeb83"
        (225, 224),
        "284c296f c51b39f9 3c96600d 79170d86 284c296f 59741766 8ef5c1ce 6a092d9b b87badd4 c51b39f9 ad31c7b2 59741766 05fbeb12 3c918e5d 8713d8cf f8ea0c45 4589cd8f c51b39f9 9b700aad 59741766"
        (256, 341),
        "f445ef8c a39dcb42 6747136b 9ae419ed 2b28b04f 2e9166da 3993f5a1 c38bcb63 d20196ef 04a5e8cd 316d69f7 85e85729 212e1442 d71451fa d4746035 28a31c07 e2dd7257 8a6ec42e 62db7104 4a7d4c5a"
        (333, 500),
        "199b0d35 75c58c2d ae90af54 78abb925 7b5b0aee 7016d1f8 846ae924 4b230f58 7a21abf6 9b73ca1f 350013e5 4ba6627d 5f48983a 21afffc6 1c34dead 806d7d0a deeb1733 2ff86651 0922f33a 64cf858e"
        (513, 300),
        "da7d8d0d 8d39c0d8 2546be05 ec68c588 b1d7a78e 7ea07e93 413ce234 b1f038ef 5a29a672 f963a872 8db804d3 99d233e4 86e87a3b babb0776 5e0a6a93 a27b5d39 29455c1d f3606d9a aecaf4f4 97130eef"
        (101, 999),
        "17ec3a5e b4b0d997 0a9b39c7 ecfa8dc4 60ec8b7b 34c43289 cfe39457 210e1494 5a50720f 4ac4afae d1bf82f3 319c0452 a61bd766 845f827e 80f7a338 6be2329e 3c177b73 6ed9301f 91501698 13de0cd6"
    ]

/// Sum and CRC-32 of a photo for MobileCLIP 256, CLIP 224, SigLIP 384, FastVLM 256, FastViT 256.
let photos =
    [
        "chelsea.png",
        [
            22086639, "e23cec99"
            16909243, "9fdcdd35"
            51006980, "223959a4"
            15083427, "2d102f4b"
            21481573, "b924ad88"
        ]
        "astronaut.png",
        [
            22553103, "9ec7b594"
            17251227, "dd5d246a"
            50697928, "bc92addc"
            22532705, "e1571fb8"
            22931070, "93dc680f"
        ]
        "kodim09.png",
        [
            26768109, "005c323b"
            20475921, "996bcaad"
            57450525, "4f3e2e1e"
            17024434, "1428f5b8"
            27164390, "92206bf2"
        ]
        "Landscape_6.jpg",
        [
            25589333, "92b6feab"
            19590726, "4a11fe26"
            51359942, "641f5cce"
            15223954, "574590bb"
            25870082, "db66dbc5"
        ]
        "truck.jpg",
        [
            26085856, "cd092108"
            19971861, "7fffb15e"
            60085031, "00374798"
            17811502, "66e2448b"
            25714669, "c30197c2"
        ]
    ]
