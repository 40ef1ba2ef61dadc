# SPDX-FileCopyrightText: placeholder
